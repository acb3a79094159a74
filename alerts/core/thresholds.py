"""The numbers an operator sets (rules.toml), with their defaults."""

from alerts.core.frozen import Struct


class Thresholds(Struct, frozen=True):
    """Thresholds of the rules.

    A moving hull is dark when silent for `silence_floor_min` at least and for so much witnessed time that natural
    silences bring `silence_budget` false alarms in 1,000 hull-days; at the latest after `silence_ceiling_min` of
    covered time.  One that had stopped after `stopped_silence_min` of it, inside a flagged port after
    `port_silence_min`.  One that lit up is awaited at a port for `arrival_wait_h` longer than she sails at her slowest;
    a call takes `call_h` at least.  Two ships that lie beside each other for `rendezvous_min`, further than
    `rendezvous_port_nm` from flagged ports, meet.  One that is slower than `loitering_below_kn` far from land, for
    `loitering_h`, loiters.  What a ship says of her way contradicts her positions by more than `anomaly_speed_kn`, or,
    where she makes way, `anomaly_course_deg`: an anomaly after `anomaly_min`.
    A draught has changed by `draught_change_m` at least; of a draught, a name or a destination another value holds when
    it was said for `stands_min`.
    """

    silence_floor_min: float = 15.0
    silence_ceiling_min: float = 720.0
    silence_budget: float = 10.0
    port_silence_min: float = 60.0
    stopped_silence_min: float = 10_080.0
    stopped_below_kn: float = 0.5
    departed_above_kn: float = 2.0
    arrival_wait_h: float = 24.0
    call_h: float = 3.0
    rendezvous_min: float = 120.0
    rendezvous_port_nm: float = 5.4
    loitering_below_kn: float = 2.0
    loitering_h: float = 2.0
    anomaly_speed_kn: float = 10.0
    anomaly_course_deg: float = 60.0
    anomaly_min: float = 30.0
    draught_change_m: float = 1.0
    stands_min: float = 60.0
