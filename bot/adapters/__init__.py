"""What stands behind the ports: databases, hosts, sandboxes, models, files."""
