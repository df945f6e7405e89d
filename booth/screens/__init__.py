"""The screens: stage, players' phones, crew and IT, in a process of their own that cannot hurt the race.

link          the race process's Unix socket: the newest snapshot, commands and their answers
audience      what of a snapshot each audience may see
events        one stream of server-sent events per page; a slow reader gets only the newest
roles, doors  who may open what: signed cookies, PINs with a limit on tries, and the table of every route
seat_socket   a player's phone as a controller
pages         what the routes answer
"""
