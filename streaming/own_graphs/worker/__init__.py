"""The process that runs a stranger's graph: Python 3.10, the standard library and the environment's own LangGraph.

It imports nothing of this repository, because its interpreter does not have our packages.
"""
