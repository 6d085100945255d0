"""The demo model's parts: how it reads a prompt, and how it makes text and values from the prompt's own
words.

    words      words, stems, key phrases, stable choices      lexicon    the words it knows
    splitting  a prompt → instruction and passages            reading    what is asked, about what, in which form
    prose      text, by task                                  phrases    the sentences it knows
    judging    the rule by which drafts are judged, revised   choosing   enums and booleans
    facts      names, dates, prices in a text                 records    the items of a list in a text
    numbers    numbers in range                               patterns   text that fits a regular expression
    strings    text by the name of a property                 values     JSON Schema → value

No part knows chance, the time or the network: the same prompt gives the same reply on every machine.
"""
