# Of syphon-python 0.2.0; without its observers.
from dataclasses import dataclass

@dataclass
class SyphonServerDescription:
    uuid: str
    name: str
    app_name: str
    icon: object
    raw: object

class SyphonServerDirectory:
    run_loop_interval: float
    def __init__(self) -> None: ...
    def close(self) -> None: ...
    @property
    def servers(self) -> list[SyphonServerDescription]: ...
    def update_run_loop(self) -> None: ...
    def servers_matching_name(
        self, name: str | None = None, app_name: str | None = None
    ) -> list[SyphonServerDescription]: ...
