"""One pure rule a file; RULES is the explicit list, in the order in which one moment's alerts are published."""

from alerts.core.rule import Rule
from alerts.rules.area import area
from alerts.rules.dark_in_port import dark_in_port
from alerts.rules.destination_change import destination_change
from alerts.rules.draught_change import draught_change
from alerts.rules.identity_conflict import identity_conflict
from alerts.rules.lit_up import lit_up
from alerts.rules.loitering import loitering
from alerts.rules.lost_coverage import lost_coverage
from alerts.rules.name_change import name_change
from alerts.rules.overdue import overdue
from alerts.rules.overdue_arrival import overdue_arrival
from alerts.rules.port_call import port_call
from alerts.rules.position_jump import position_jump
from alerts.rules.rendezvous import rendezvous
from alerts.rules.signs_of_life import signs_of_life
from alerts.rules.strait import strait
from alerts.rules.track_anomaly import track_anomaly
from alerts.rules.unseen_call import unseen_call
from alerts.rules.went_dark import went_dark

RULES: tuple[Rule, ...] = (
    went_dark,
    dark_in_port,
    lost_coverage,
    lit_up,
    signs_of_life,
    unseen_call,
    position_jump,
    identity_conflict,
    track_anomaly,
    strait,
    overdue,
    port_call,
    area,
    loitering,
    overdue_arrival,
    rendezvous,
    draught_change,
    name_change,
    destination_change,
)
