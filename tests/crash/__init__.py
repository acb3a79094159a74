"""`make crash`: what is done to running stages, their broker and their Redis, and what is lost by it: nothing.

__main__ cases  what is run, in which order          load        reports for detect, as fast as is said
servers         tests/servers.py                     chain       every stage, fed with a story
stage           a stage as a process, and how        table       what detect keeps and says, against an engine
                it dies at a named place                         that nobody disturbs
blows           what is done to whom                 outcome     one line a case
"""
