"""Image services behind one protocol, an adapter a file; knows nothing of Discord, SQL or quotas."""
