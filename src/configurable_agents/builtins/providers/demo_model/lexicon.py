"""The words the demo model knows: those that give instructions, and those that speak for a value of an enum."""

from __future__ import annotations

from configurable_agents.builtins.providers.demo_model.words import stem, word_set

LEAD_INS = word_set("please now then and also next finally first but always never only so kindly")

INSTRUCTION_VERBS = word_set(
    """write draft compose summarise summarize shorten condense explain describe list name suggest propose
    invent create generate make produce give return output reply answer respond say greet welcome
    judge rate score grade evaluate assess critique criticise review check find spot revise improve
    rewrite polish rework edit refine fix patch correct translate classify categorise categorize
    label tag sort route triage decide choose pick select extract pull read parse identify detect
    determine compare combine merge join consolidate plan outline brainstorm use keep be avoid do
    don't include mention cover focus start end add remove ignore think act imagine consider
    estimate count rank order turn convert tell help prepare provide state format address quote cite
    note remember expand continue finish analyse analyze research recommend follow sum link look
    limit stay aim assume report"""
)

# After these a text may follow without a colon: `Summarise The tide rises twice a day.`
OBJECT_VERBS = word_set(
    """summarise summarize shorten judge rate score grade evaluate assess critique revise improve rewrite
    polish edit refine correct translate classify categorise categorize triage answer proofread"""
)

# After a question or a passage only these lead back to instructions: a letter may say `Give me a call`.
RETURNING_VERBS = word_set(
    """reply answer respond return output choose pick use rate state write summarise summarize judge score
    list classify extract translate improve revise rewrite explain suggest decide keep focus name"""
)

# `You review security.`, `Your task is ...`, but not `You won a prize.`
SAID_OF_THE_MODEL = INSTRUCTION_VERBS | word_set(
    """are will must should may can know work look solve care act only never always task job role goal get
    receive have reply see speak represent support"""
)

INSTRUCTION_OPENINGS = frozenset(
    (
        *(("as", "a"), ("as", "an"), ("no", "preamble"), ("no", "more"), ("at", "most"), ("at", "least")),
        *(("there", "must"), ("it", "must"), ("it", "should"), ("here", "is"), ("here", "are"), ("below", "is")),
        *(("below", "are"), ("each", "item"), ("each", "one"), ("each", "has"), ("one", "of"), ("the", "reply")),
        *(("the", "answer"), ("the", "text"), ("the", "title"), ("the", "tone"), ("the", "score")),
    )
)

# What follows these labels says how to write, not what about.
INSTRUCTION_LABELS = word_set(
    """role task goal instruction instructions rule rules style tone format language length audience output
    constraint constraints requirement requirements guideline guidelines notes reminder important
    job steps criteria return"""
)

TEXT_NAMES = word_set(
    """draft article text story poem email e-mail mail message letter ticket review feedback comment note
    notes report summary answer question code diff patch outline document paragraph post tweet
    headline title order request transcript page finding findings review reviews invoice complaint
    description plan idea topic speech"""
)

FEEDBACK_LABELS = word_set(
    """feedback comment comments critique review remarks advice suggestions notes judgement judgment"""
)
SUBJECT_LABELS = word_set("topic subject theme product title name about question idea keyword")
DRAFT_LABELS = word_set(
    """draft translation text article current version previous attempt answer summary story poem headline title post"""
)

LABELS = TEXT_NAMES | FEEDBACK_LABELS | SUBJECT_LABELS | DRAFT_LABELS | INSTRUCTION_LABELS

# What stands for a value of an enum, by a word of the value.
_TOPICS = {
    "billing": """bill invoice charge payment pay paid refund price cost money subscription card bank fee
        receipt tax overcharged euro dollar eur usd discount""",
    "technical": """error crash bug app login password server fail failure broken slow install update website
        loading screen exception api 500 404 timeout outage code software freeze button
        sync connect connection printer""",
    "account": "account login password username profile email sign register locked access delete close",
    "shipping": "ship delivery deliver parcel package courier arrive late tracking address post order warehouse",
    "sales": "buy purchase quote demo offer pricing plan upgrade licence license seats trial discount",
    "refund": "refund back return money cancel charged twice",
    "cancel": "cancel unsubscribe terminate stop end close quit",
    "complaint": "angry disappointed terrible worst unacceptable complain awful rude never",
    "feature": "feature wish add idea suggestion would support request improve missing option",
    "bug": "bug error crash broken wrong fail fails exception freeze",
    "question": "how what why when where who which question can",
    "praise": "great love thanks excellent wonderful amazing happy perfect",
    "spam": "winner prize lottery viagra click free cash urgent bitcoin congratulations unsubscribe",
    "security": "password injection secret token vulnerability hack breach xss leak encryption attack auth",
    "performance": "slow speed fast latency memory cache loop performance timeout",
    "legal": "contract law lawyer court gdpr licence clause liability terms sue",
    "hr": "vacation salary holiday sick hiring employee leave payroll interview",
    "finance": "bank stock market budget money invest loan interest profit revenue share",
    "sport": "match team goal player league coach game win cup tournament",
    "politics": "election minister parliament government vote law president party policy",
    "technology": "software computer ai phone chip internet app robot data digital startup",
    "science": "study research scientist physics biology experiment planet theory cell space",
    "health": "doctor patient disease hospital medicine vaccine diet symptom pain health",
    "travel": "flight hotel trip visa holiday train airport booking tour",
    "food": "recipe restaurant cook meal taste eat dish kitchen",
    "positive": """good great love excellent happy wonderful amazing perfect nice best enjoy fantastic
        pleased helpful friendly recommend brilliant like works beautiful delighted""",
    "negative": """bad terrible hate awful broken worst angry disappointed poor slow crash fail refund rude
        useless never problem wrong horrible sad unhappy annoying twice late""",
    "neutral": "",
    "critical": """critical outage down emergency breach loss data security production everybody immediately
        fatal injection danger""",
    "high": """urgent asap immediately crash critical error fail broken angry blocked severe twice today
        cannot important deadline lost outage""",
    "medium": "slow sometimes problem issue wrong unclear annoying delayed late",
    "low": "minor typo cosmetic question wondering whenever small suggestion curious colour nit",
    "english": "the and is of to in that with for was",
    "german": "der die das und ist nicht ich ein eine mit für auf zu wir sie wie",
    "french": "le la les et est une un je nous pas vous avec pour dans que bonjour",
    "spanish": "el la los y es una un que por con para no hola gracias como",
    "italian": "il lo gli e è una un che per con non ciao grazie sono di",
    "dutch": "de het een en is niet ik wij met voor op dat",
    "portuguese": "o os e é uma um que não por com para olá obrigado você",
}
_ALIASES = {
    "billing": "payment payments invoice invoices invoicing", "technical": "tech it support incident",
    "shipping": "delivery logistics", "sport": "sports", "technology": "computing software",
    "cancel": "cancellation churn", "feature": "enhancement feature_request", "praise": "compliment thanks",
    "positive": "happy good satisfied", "negative": "unhappy bad dissatisfied angry", "neutral": "mixed",
    "critical": "blocker severe p0 sev1", "high": "urgent major p1", "medium": "normal moderate p2",
    "low": "minor trivial p3", "legal": "law compliance", "finance": "financial business economy",
    "english": "en", "german": "de deutsch", "french": "fr", "spanish": "es", "italian": "it", "dutch": "nl",
    "portuguese": "pt", "question": "inquiry enquiry", "account": "login access", "science": "scientific",
    "health": "medical", "refund": "refunds return", "sales": "commercial purchase",
}  # fmt: skip

SPEAKS_FOR = {
    name: frozenset(stem(word) for word in text.split())
    for key, text in _TOPICS.items()
    for name in (key, *_ALIASES.get(key, "").split())
}
LANGUAGES = ("english", "german", "french", "spanish", "italian", "dutch", "portuguese")
LANGUAGE_WORDS = {
    name: word_set(_TOPICS[language]) for language in LANGUAGES for name in (language, _ALIASES[language].split()[0])
}

# Values that say yes or no; the first of a judge's two verdicts is given when a text is good enough.
YES = word_set(
    """yes true approve approved accept accepted pass passed good ok okay ready publish done keep go ship
    correct valid"""
)
NO = word_set(
    """no false reject rejected revise fail failed bad redo again rework improve needs_work wrong invalid
    stop drop deny denied"""
)
FALLBACKS = ("other", "neutral", "unknown", "none", "general", "unclear", "misc", "medium", "normal")
DENIABLE = word_set("positive negative happy good bad high critical urgent severe praise spam")
NEGATIONS = word_set("""not no never isn't don't doesn't didn't wasn't without nor cannot can't neither hardly""")
