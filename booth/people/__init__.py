r"""People's data, sealed: contacts, consents, tickets, erasure and the audit of who did what with it.

One door, `booth.people.store.PeopleStore`, over HOME/booth/<show>/people.db. Contact details, answers and notes are
sealed to the pack's public key before they touch the disk; no part of the booth can read them back without the private
key, so nothing here ever returns a name or an address. A player is an opaque id.

    people = PeopleStore(
        folder / "people.db", SystemClock(),
        show=pack.name, time_zone=pack.time_zone, public_key=public_key_of(pack.leads.public_key, home),
    )
    player = people.add_player("Ann", "en")
    people.nicknames([player])                                  # {player: "Ann"}; unknown and erased ones are absent
    people.enter_draw(player, Reason.WON, race=12)              # no contact yet: remembered, None; else the Ticket

    answers = read_answers({"role": ["buys"]}, pack.leads.qualifiers)
    form = Form(
        contact=read_contact({"email": "ann@example.com", "first_name": "Ann"}, region=pack.leads.region),
        answers=answers, is_qualified=is_qualified(answers, pack.leads.qualifiers),
        consents=shown(pack.leads.consents, language="en", ticked={"email"}),
        how=How.OWN_PHONE, language="en", wants_draw=True,
    )
    captured = people.capture(submission, form, player=player)  # on the disk when it returns
    captured.ticket, captured.is_new, captured.is_repeat
    people.tickets_of(people.today())                           # tuple of Ticket: code, day, reasons
    people.not_copied(), people.counts(people.today())

`read_contact` raises `BadContact`, whose `problems` are field -> `Problem` (a `key` for the screens' texts and an English
`sentence`). `submission` is made by the form in the browser, 16 to 64 of A-Z a-z 0-9 - _; sent again it captures nothing
anew and answers the same. A capture on the crew's tablet has no player; `entry=Reason.FREE_ENTRY` lets such a person into
the draw. `corrects=True` when a player edits what they gave before. Draw entry needs a reason of the day and `wants_draw`;
it never needs a consent.

Every method may be called from any thread, and by several processes at once. Reads (`nicknames`, `has_contact`,
`ticket_of`, `tickets_of`, `not_copied`, `counts`, `today`) take a millisecond or two and never wait for a writer: call
them on the event loop. Writes wait for the disk: call `add_player`, `enter_draw`, `count_call_to_action` through
`asyncio.to_thread`. `capture` runs argon2id besides, some 0.15 s for each of address and number: always a thread.

What is done with the data afterwards is `booth.people.office.Office(people, clock)`: `erase`, `erase_ticket`,
`erase_player`, `withdraw`, `expired`, `purge`, `exportable`, `note_copy`, `copied`, `audit`; in a thread, all of them.
"""
