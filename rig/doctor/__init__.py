"""What is wrong with this machine's radios, and what to do: facts in, findings out.

`probe` collects `facts` (every probe bounded, its failure a fact of its own), `diagnosis` turns them into
`findings` without looking at anything else, `known_bad` is the data it compares them with.
"""
