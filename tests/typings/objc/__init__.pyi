# Of pyobjc-core 12.2: what is used here.
from contextlib import AbstractContextManager

def autorelease_pool() -> AbstractContextManager[None]: ...
