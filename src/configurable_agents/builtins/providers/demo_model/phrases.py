"""The sentences the demo model knows.

`{s}` is the subject, `{S}` the same with a capital letter, `{T}` as in a title; no verb has to agree with it.
"""

from __future__ import annotations

import re

# Three ways to write about a subject, one sentence after the other.
ARTICLES = (
    (
        "There is more to {s} than first meets the eye.",
        "The basic idea fits on one page, yet the details decide how well it works from day to day.",
        "People who work with {s} tend to start small, measure what happens and build on what holds up.",
        "Money, habits and patience matter as much as the theory.",
        "For anyone new to {s}, one good question is worth more than ten quick answers.",
    ),
    (
        "Ask three people about {s} and you will hear three different stories.",
        "One will talk of the past, one of what is done today, and one of all that may still come.",
        "Each of them is partly right, and the most interesting side of {s} lies where their stories meet.",
        "That is also where the best questions are.",
        "Whoever listens to all three understands {s} better than any one of them.",
    ),
    (
        "Few topics reward a closer look as much as {s}.",
        "At first there seems to be little to say; then every answer brings up two new questions.",
        "The useful ones are plain: who gains from {s}, who pays for it, and what happens if nothing is done.",
        "Those who have an answer to each of them are ahead of most experts.",
        "In the end, {s} is a matter of small steps taken in the right order.",
    ),
)

GENRES = {
    "poem": ("{S} at first light,\na quiet thought finds its shape,\nand the day begins.",),
    "story": (
        "When Mira was nine, her grandfather told her about {s}.",
        "She laughed, because in their small town nobody spoke of such things.",
        "Years later she came back with a notebook full of answers, and half the town came to listen.",
        "Her grandfather sat in the first row and smiled as if he had known all along.",
    ),
    "joke": (
        "I asked an expert about {s} and was told it was a long story.",
        "I said I had time. So did the story.",
    ),
    "email": (
        "Hello,",
        "I am writing to you about {s}.",
        "Could we find half an hour this week to talk it through?",
        "I will bring a short overview and two suggestions.",
        "Kind regards",
    ),
    "post": ("{S}: start small, look closely, share what you learn.", "What was your first step? {tag}"),
    "advertisement": (
        "Meet {s}, made for people who like things that simply work.",
        "It takes a minute to start and saves an hour every week.",
        "Try it today and see the difference for yourself.",
    ),
    "introduction": (
        "This is about {s}, and about why the topic deserves a closer look.",
        "You need no background to follow: every step builds on the one before.",
    ),
    "conclusion": (
        "What remains is simple: {s} deserves attention, a first small step, and an honest look at the results.",
        "The rest can be learned on the way.",
    ),
    "explanation": (
        "To understand {s}, think of three things: what goes in, what comes out, and what happens in between.",
        "The first two can be seen from the outside; the third is where most of the surprises lie.",
        "Once you can say all three in your own words, you have understood {s}.",
    ),
    "announcement": (
        "There is news about {s}.",
        "Everything named here is ready to be used today.",
        "Tell us what you think of it!",
    ),
    "note": (
        "A note on {s}.",
        "Please read it and decide what should happen next.",
        "All that is known so far is written above.",
    ),
    "plan": (
        "First, agree on what {s} should achieve and how you will know.",
        "Second, try the smallest version with a few people and note what happens.",
        "Third, keep what worked, drop the rest, and set a date for the next look.",
    ),
}
GENRE_WORDS = {
    "poem": r"poem|haiku|verse|limerick|rhyme",
    "story": r"story|tale|fable|scene",
    "joke": r"joke|pun|riddle",
    "email": r"e-?mail|letter",
    "post": r"tweet|post|caption",
    "advertisement": r"advert\w*|ad|pitch|product description|sales text",
    "introduction": r"introduction|intro|opening",
    "conclusion": r"conclusion|closing|ending",
    "explanation": r"explain|explanation|definition|define|describe",
    "plan": r"plan|strategy|roadmap",
    "note": r"(?<!release )note|memo|handover",
    "announcement": r"release notes?|announcement|newsletter|press release|changelog|update",
}

GREETINGS = (
    "Hello {s}, it is good to have you here!",
    "Hello and welcome, {s}!",
    "Warm greetings to you, {s}!",
)
GREETING_MORE = ("Have a look around and ask whatever comes to mind.", "Enjoy your day!")

TITLES = (
    "{T}: A Closer Look",
    "What Everyone Should Know About {T}",
    "{T} in Plain Words",
    "The Quiet Rise of {T}",
    "Getting Started With {T}",
    "{T} From the Ground Up",
    "A Field Guide to {T}",
    "{T}, Step by Step",
    "Five Questions About {T}",
    "{T} Without the Jargon",
)

# Items of a list, by what the list is called; each group starts with its best.
ITEMS = {
    "question": ("What is the first thing to know about {s}?", "Who gains most from {s}?",
        "What does {s} cost, and who pays?", "What could go wrong with {s}?",
        "Which myths about {s} are wrong?", "Where will {s} stand in ten years?"),
    "risk": ("The costs of {s} are underestimated", "Too few people are trained for {s}",
        "Plans for {s} change halfway", "Nobody feels responsible for {s}", "Rules about {s} change"),
    "step": ("Write down what {s} should achieve", "Try the smallest version of {s}", "Measure what changed",
        "Keep what worked and drop the rest", "Tell others what you learned about {s}"),
    "fact": ("Interest in {s} has grown over the years", "Most experience with {s} comes from small projects",
        "Opinions about {s} differ from country to country", "Good data about {s} is hard to come by",
        "Experts on {s} agree on more than they say"),
    "reason": ("It saves time for everybody who deals with {s}", "It makes the cost of {s} visible",
        "It helps newcomers to understand {s}", "It leaves room for better ideas about {s}"),
    "point": ("The basics of {s}", "A short history of {s}", "The costs and benefits of {s}",
        "The common questions about {s}", "The future of {s}", "The people behind {s}",
        "The mistakes to avoid with {s}"),
    "idea": ("A beginner's guide to {s}", "A day in the life of someone who works with {s}",
        "A small experiment with {s}", "An interview about {s}", "A map of everything about {s}"),
    "name": ("Nova", "Milo", "Juniper", "Atlas", "Willow", "Pepper", "Orion", "Hazel"),
    "option": ("Yes, always", "Only sometimes", "Hardly ever", "No, never", "Nobody knows"),
    "quality": ("Clear", "Practical", "Well-founded", "Easy to follow", "Honest"),
}  # fmt: skip
ITEM_NAMES = {
    "question": r"question|faq", "risk": r"risk|con|drawback|weakness|danger|concern|disadvantage|threat|gap",
    "step": r"step|task|action|todo|plan|instruction|recommendation|suggestion|improvement|change|fix",
    "fact": r"fact|finding|claim|insight|observation|note|source|detail",
    "reason": r"reason|pro|benefit|argument|advantage|strength|opportunity", "idea": r"idea|topic|angle|concept",
    "name": r"name", "option": r"option|choice|answer|solution", "quality": r"quality|adjective|trait|tone",
}  # fmt: skip

# What a reviewer of an aspect says; `{w}` is a place in the text.
REVIEWS = {
    r"translation|\btranslat": (
        "Compare {w} with the original once more.",
        "Make sure that {w} leaves nothing out.",
        "Ask a native speaker to read {w}.",
    ),
    r"secur|privacy|vulnerab|safety": (
        "Check what is trusted at {w}; input from outside should be validated before it is used.",
        "Make sure that {w} holds no password or token, and that failures are logged without private data.",
        "Ask who may reach {w}, and refuse everybody else by default.",
    ),
    r"speed|performance|fast|efficien|latency|scal": (
        "Measure {w} with a realistic amount of data before changing anything.",
        "Work that is repeated at {w} could be done once and kept.",
        "See whether {w} waits for something that could run at the same time.",
    ),
    r"style|readab|format|naming|clean": (
        "A name that says what is meant would make {w} easier to read.",
        "{w} does two things at once; splitting it would help the next reader.",
        "Follow the conventions of the rest of the text at {w}.",
    ),
    r"test|coverage": (
        "Nothing shows yet what {w} should do with empty input.",
        "Add a case in which {w} fails, and check the message.",
        "One example with real data would prove {w} better than five with made-up values.",
    ),
    r"fact|accura|correct|truth|scien|technical": (
        "The claim at {w} needs a source.",
        "Compare {w} with a second source before it is published.",
        "Say since when {w} has been true.",
    ),
    r"tone|brand|market|audience|voice|friendl": (
        "{w} sounds a little stiff; speak to one reader.",
        "Begin with what the reader gains, then come to {w}.",
        "Keep the warm words at {w} and drop the superlatives.",
    ),
    r"legal|law|complian|licen|contract": (
        "Have someone confirm that the promise at {w} can be kept.",
        "{w} should name who is liable and for how long.",
        "Check whether consent is needed for {w}.",
    ),
    r"cost|financ|budget|price|business": (
        "Put a figure on {w} and say who pays it.",
        "{w} needs a limit and somebody who watches it.",
        "Compare {w} with doing nothing for a year.",
    ),
    r"clar|structur|languag|gramm|edit|writ": (
        "The main point should come before {w}.",
        "Shorter sentences would help at {w}.",
        "Explain the special terms near {w} once.",
    ),
}
REVIEW_ANY = (
    "{A}: {w} is a good place to look first.",
    "{A}: say more about {w} and give an example.",
    "{A}: ask a second person to read {w}.",
)

# A judge's words for a first draft, a text revised once, and one revised twice or more.
VERDICTS = (
    "A fair start on {s}; the idea is clear, but an example is missing and the ending is weak.",
    "Better than before, since {s} can now be pictured. Some figures would make the text stronger still.",
    "The text on {s} is convincing: it is concrete, measured and complete enough to be published.",
)

SUPPORT = {
    "billing": "Our billing team will compare the charge with your account and pay back whatever was taken by mistake.",
    "technical": "Please note the exact error message and the time it appeared; our engineers are looking at the logs.",
    "shipping": "We have asked the carrier where your parcel is and will write as soon as we know.",
    "account": "We can restore your access once you have confirmed your e-mail address.",
    "refund": "We will send your money back within five working days.",
    "sales": "A colleague will send you an offer that fits what you need.",
    "cancel": "We have noted your wish and will confirm the last day in writing.",
    "security": "We take this seriously and have asked our security team to look into it today.",
    "feature": "We have put your idea on the list for the next planning.",
}
SUPPORT_PLEASED = "It is good to read that you are pleased; we have passed it on to everybody here."
SUPPORT_ANY = "We are looking into it and will come back to you within one working day."


def fill(template: str, subject: str) -> str:
    """`template` with the subject in its places."""
    tag = "#" + "".join(word[:1].upper() + word[1:] for word in re.findall(r"\w+", subject)[:3])
    capital = subject[:1].upper() + subject[1:]
    return template.format(s=subject, S=capital, T=title_case(subject), tag=tag)


def title_case(text: str) -> str:
    """`text` as in a title: small words stay small, and what has capitals keeps them."""
    small = {"a", "an", "and", "as", "at", "but", "by", "for", "in", "of", "on", "or", "the", "to", "with"}
    parts = re.sub(r"^(?:the|an?)\s+(?=\S)", "", text, flags=re.IGNORECASE).split()
    return " ".join(part if i and part in small else part[:1].upper() + part[1:] for i, part in enumerate(parts))
