// The live picture: reads the MJPEG stream itself, because an <img> neither says when its stream stalls nor takes up a
// new one without a gap. The canvas keeps the last picture meanwhile. A hidden page watches nothing, so that nothing is encoded.

const SILENT_MS = 3500; // a picture that stays is sent again every second
const RETRY_MS = 1000;
const HEADERS_END = [13, 10, 13, 10];

/** Draw the stream at `url` into `canvas`, for ever. */
export async function watchPicture(canvas, url) {
  const context = canvas.getContext("2d", { alpha: false });
  for (;;) {
    await visible();
    const leave = new AbortController();
    const whenHidden = () => document.hidden && leave.abort();
    document.addEventListener("visibilitychange", whenHidden);
    let silence;
    const expect = () => {
      clearTimeout(silence);
      silence = setTimeout(() => leave.abort(), SILENT_MS);
    };
    try {
      expect();
      const answer = await fetch(url, { cache: "no-store", signal: leave.signal });
      if (!answer.ok) throw new Error(answer.statusText);
      for await (const jpeg of parts(answer.body.getReader())) {
        expect();
        const bitmap = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
        if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
          canvas.width = bitmap.width;
          canvas.height = bitmap.height;
        }
        context.drawImage(bitmap, 0, 0);
        bitmap.close();
      }
    } catch {
      // The bridge went, or went silent, or nobody looks: all of them heal the same way.
    } finally {
      clearTimeout(silence);
      document.removeEventListener("visibilitychange", whenHidden);
      leave.abort();
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
  });
}

/** Yield the bodies of a multipart stream; each part says its Content-Length. */
async function* parts(reader) {
  let bytes = new Uint8Array(0);

  async function more() {
    const { done, value } = await reader.read();
    if (done) throw new Error("the stream ended");
    const joined = new Uint8Array(bytes.length + value.length);
    joined.set(bytes);
    joined.set(value, bytes.length);
    bytes = joined;
  }

  for (;;) {
    let end;
    while ((end = find(bytes, HEADERS_END)) < 0) await more();
    const headers = new TextDecoder().decode(bytes.subarray(0, end));
    const length = Number(/^content-length: *(\d+)/im.exec(headers)[1]);
    const begin = end + HEADERS_END.length;
    while (bytes.length < begin + length) await more();
    yield bytes.slice(begin, begin + length);
    bytes = bytes.subarray(begin + length);
  }
}

function find(bytes, sought) {
  for (let at = bytes.indexOf(sought[0]); at >= 0; at = bytes.indexOf(sought[0], at + 1)) {
    if (sought.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
