"""What differs between the versions of Scope that the rehearsal server can stand in for. All of it is here.

The differences are those of Scope's beta.3 to its 0.2.4; where nothing is known of the beta, it is as in 0.2.4.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.rehearsal.requests import EarlyLoad, EarlyOffer, Load, Offer


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one version of Scope says and understands."""

    name: str
    version: str | None
    """What /health says; None: nothing."""
    load: type[Load] | type[EarlyLoad]
    """What a load looks like."""
    offer: type[Offer] | type[EarlyOffer]
    """What an offer looks like. What its initial parameters may not have is dropped from them."""
    seed: str
    """What a load calls the random seed."""
    lacks: Collection[str] = ()
    """Beginnings of the paths that it does not know, and `METHOD path` where it knows the path, but not the method."""
    wraps: bool = False
    """Whether a refused offer is wrapped: a 500 whose text begins with the real status."""
    objects: bool = True
    """Whether the hardware's video outputs are told as objects, and pipelines tell their ports."""
    loras: str = "/api/v1/loras"
    """Where LoRAs are listed."""

    def has(self, method: str, path: str) -> bool:
        """Return whether it knows that path and method."""
        if path in ("/api/v1/loras", "/api/v1/lora/list"):
            return path == self.loras
        return f"{method} {path}" not in self.lacks and not path.startswith(tuple(self.lacks))

    def schemas(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Return the pipelines' schemas as it tells them."""
        if self.objects:
            return dict(told)
        ports = ("inputs", "outputs")
        return {
            "pipelines": {
                name: {key: value for key, value in schema.items() if key not in ports}
                for name, schema in told["pipelines"].items()
            }
        }


NEWEST = Dialect("0.2.4", "0.2.4", Load, Offer, "base_seed")
DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        NEWEST,
        Dialect(
            "beta3",
            None,
            EarlyLoad,
            EarlyOffer,
            "seed",
            lacks=(
                "DELETE /api/v1/webrtc/offer/{session}",
                "/api/v1/session/",
                "/api/v1/tempo/",
                "/api/v1/osc/",
                "/api/v1/recordings/",
                "/api/v1/input-sources",
                "/api/v1/nodes/",
                "/api/v1/loras/",
                "/api/v1/logs/tail",
            ),
            wraps=True,
            objects=False,
            loras="/api/v1/lora/list",
        ),
    )
}
"""By name, the newest first."""
