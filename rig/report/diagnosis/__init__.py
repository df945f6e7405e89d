"""Who is to blame for failing tries: the cars, the bays, the adapters or the hosts, in a run and over the last runs."""
