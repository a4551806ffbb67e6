# Of syphon-python 0.2.0 (py3-none-macosx_12_0_universal2), from its source.
from syphon.client import BaseSyphonClient as BaseSyphonClient
from syphon.client import SyphonMetalClient as SyphonMetalClient
from syphon.server import BaseSyphonServer as BaseSyphonServer
from syphon.server import SyphonMetalServer as SyphonMetalServer
from syphon.server_directory import SyphonServerDescription as SyphonServerDescription
from syphon.server_directory import SyphonServerDirectory as SyphonServerDirectory
