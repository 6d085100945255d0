"""The demo model: how it reads a prompt, and how it makes text and values from the prompt's own words.

Reading, from a conversation to a `Reading`:

    holding       quotations, code and data as pieces         instructions  which sentences tell what to do
    splitting     a prompt → instruction and passages         tasks         what is to be done
    subject       what it is about                            form          how long, how many
    reading       all of it together                          words         words, stems, phrases, stable choices

Replying, from a `Reading` to text or a value:

    prose         text, by task                               answering     replies to questions and customers
    reviewing     remarks on an aspect of a text              judging       how drafts are judged and revised
    items         lists of text                               shaping       sentences in the form asked for
    values        JSON Schema → value                         slots         a place in a value
    strings       text by name and rules                      naming        what names of properties mean
    numbers       numbers in range                            choosing      enums and booleans
    facts         names, dates, prices in a text              records       the items of a list in a text
    patterns      text for a regular expression               plainer       plainer words
    phrases       the sentences it knows                      lexicon       the words it knows

No part knows chance, the time or the network: the same prompt gives the same reply on every machine.
"""
