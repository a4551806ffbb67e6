"""Frames of video, and the mailboxes in which they go from who brings them to who shows them."""

from bridge.frames.frame import Frame, Rgba
from bridge.frames.mailbox import Buffer, Fan, Fans, Latest, Mailbox

__all__ = ["Buffer", "Fan", "Fans", "Frame", "Latest", "Mailbox", "Rgba"]
