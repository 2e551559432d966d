"""Any server that speaks the Messages API, behind the port of the engine."""
