"""The show pack: brand, words, sets, modes, prize and costs of one show, as validated data. Pure but for `files`."""
