"""Everything that outlives the process: tables, one read and one write path, repositories, pictures."""
