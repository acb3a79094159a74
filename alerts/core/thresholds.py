"""The numbers an operator sets (rules.toml), with their defaults."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Thresholds of the rules.

    A hull is dark when silent for longer than max(`silence_floor_min`, `silence_factor` times her expected reporting
    interval); lying inside a flagged port, for `port_silence_min` instead of the floor.  The first fix after
    `flash_after_h` without one arms watches at flagged ports.
    """

    silence_floor_min: float = 30.0
    silence_factor: float = 20.0
    port_silence_min: float = 60.0
    stopped_below_kn: float = 0.5
    departed_above_kn: float = 2.0
    flash_after_h: float = 24.0
