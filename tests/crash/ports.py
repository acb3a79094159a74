"""Imported by the process that all others are forked from: they have the ways by sea from every port, made once."""

from alerts.watchlist.seaways import Seaways
from streams.config import load_config
from streams.settings import DEFAULT_FOLDER

assert Seaways(load_config(DEFAULT_FOLDER).zones)
