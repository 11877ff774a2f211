"""The database: the shape of the data, the types it is kept in, and the one object that runs queries against it."""
