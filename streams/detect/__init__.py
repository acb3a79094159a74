"""The detect stage: a Faust app with one engine per partition.  Only this package imports Faust.

ais.reports --> agent --> engine --> alerts, acknowledged --> memories, into the table --> its changelog
                            ^                                                                  |
                            '---- on every move of a partition, the changelog read in bulk ----'
"""
