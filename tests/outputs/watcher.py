"""Who watches a stream: a program of its own, as FFmpeg's servers hold up the one that they are in.

`python -m tests.outputs.watcher URL OPTIONS` waits for a stream at URL and prints, as JSON lines, of each picture its time,
its size, its matrix and the colours of the chart's bars.
"""

import json
import sys

import av
import numpy as np

from tests.outputs.chart import bars


def main(url: str, options: dict[str, str]) -> None:
    """Print what is streamed to `url` until that ends."""
    try:
        with av.open(url, container_options=options, timeout=20) as container:
            for frame in container.decode(video=0):
                pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
                print(json.dumps([frame.time, [frame.width, frame.height], frame.colorspace, bars(pixels)]), flush=True)
    except av.FFmpegError as error:  # the sender is gone: over RTMP and UDP that is no orderly end
        print(f"the stream ended: {error}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
