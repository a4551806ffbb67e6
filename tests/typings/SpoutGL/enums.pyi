# Of SpoutGL 0.1.1.
from typing import Literal

GL_RGBA: Literal[6408]
GL_BGRA_EXT: Literal[32993]
GL_RGB: Literal[6407]
GL_BGR_EXT: Literal[32992]
