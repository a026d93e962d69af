"""Claims that are harder to judge than those of ``grounding.py``: broken in other ways, and true in other words.

Made without looking at the rules that judge them: the word lists here are the benchmark's own.
"""

import re

from assistant.grounding import names
from assistant.text import fold

NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\d,]*\d)")
WORDS_FOR = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
UNITS = [("%", "x"), (" percent", " times"), ("ms", "s"), (" seconds", " minutes"), (" hours", " minutes"), (" days", " weeks"),
         (" million", " billion"), (" thousand", " million"), ("K", "M"), ("M", "B"), ("B", "M"), ("GB", "MB"),
         (" points", " times"), ("x", "%"), (" times", " percent"), (" languages", " domains"), (" datasets", " baselines"),
         (" years", " months"), (" papers", " authors"), (" tasks", " layers")]  # fmt: skip
OPPOSITES = """gain/loss above/below upper/lower before/after with/without always/rarely often/seldom most/fewest
maximum/minimum maximize/minimize positive/negative significant/negligible significantly/marginally efficient/inefficient
effective/ineffective accurate/inaccurate supervised/unsupervised similar/different same/opposite simple/complex
easy/difficult hard/easy expensive/cheap first/last early/late large/small large-scale/small-scale rich/poor long/short
global/local static/dynamic known/unknown seen/unseen possible/impossible able/unable public/private dense/sparse
linear/nonlinear success/failure source/target input/output strengths/weaknesses advantage/disadvantage benefits/harms
robust/fragile online/offline automatically/manually automatic/manual parallel/sequential many/few all/none
high/low strong/weak new/old novel/conventional better/poorer improves/harms improve/harm improvement/deterioration
increase/drop increases/shrinks reduces/raises reduce/raise outperforms/trails outperform/trail surpasses/trails
exceeds/misses faster/slower higher/smaller superior/second-rate consistently/occasionally fully/partly
successfully/unsuccessfully multilingual/monolingual pre-trained/untrained deep/shallow explicit/implicit over/under
enables/prevents enable/prevent allows/forbids allow/forbid mitigates/aggravates alleviate/aggravate achieves/misses
enhances/impairs enhance/impair limited/unlimited necessary/needless quickly/slowly"""  # fmt: skip
PAIRS = [pair.split("/") for pair in OPPOSITES.split()]
VERBS = r"(outperforms?|achieves?|improves?|reduces?|requires?|provides?|enables?|shows?|captures?|generates?|learns?|allows?|surpass(?:es)?|uses?|contains?|supports?)"
BEATS = re.compile(r"\b(outperforms?|surpass(?:es)?|exceeds?|beats?|improves? over|improves? upon)\s")


def _whole(match_text, sentence, start, end):
    return sentence[:start] + match_text + sentence[end:]


def other_sentences_number(quote, abstract, rng, **_):
    here, own = list(NUMBER.finditer(quote)), set(NUMBER.findall(quote))
    pool = sorted(set(NUMBER.findall(abstract)) - own)
    if here and pool:
        match = rng.choice(here)
        yield _whole(rng.choice(pool), quote, *match.span())


def one_digit(quote, rng, **_):
    here = list(NUMBER.finditer(quote))
    if here:
        match = rng.choice(here)
        number = match.group()
        place = rng.choice([i for i, c in enumerate(number) if c.isdigit()])
        digit = str((int(number[place]) + rng.randint(1, 8)) % 9 + 1)
        if digit != number[place]:
            wrong = number[:place] + digit + number[place + 1 :]
            yield _whole(wrong, quote, *match.span())


def magnitude(quote, rng, **_):
    here = [m for m in NUMBER.finditer(quote) if "," not in m.group()]
    if here:
        match = rng.choice(here)
        number = match.group()
        yield _whole(number.replace(".", "") if "." in number else number + "0", quote, *match.span())


def unit(quote, rng, **_):
    for match in NUMBER.finditer(quote):
        for one, other in UNITS:
            if re.match(rf"{re.escape(one)}(?!\w)", quote[match.end() :]):
                yield _whole(match.group() + other, quote, match.start(), match.end() + len(one))
                return


def number_word(quote, rng, **_):
    for match in re.finditer(r"\b(two|three|four|five|six|seven|eight|nine|ten)\b", quote):
        wrong = rng.choice([w for w in WORDS_FOR[2:11] if w != match.group() and w not in quote])
        yield _whole(wrong, quote, *match.span())
        return


def respectively(quote, rng, **_):
    if "respectively" not in quote:
        return
    numbers, end = list(NUMBER.finditer(quote)), quote.find("respectively")
    if len(numbers) < 2:
        return
    a, b = numbers[0], numbers[1]
    if a.group() != b.group():
        yield quote[: a.start()] + b.group() + quote[a.end() : b.start()] + a.group() + quote[b.end() :]
    own = [m for m in re.finditer(r"[\w\-]+", quote[:end]) if fold(m.group()) in names(quote)]
    if len(own) >= len(numbers) >= 2:
        c, d = own[-2], own[-1]
        yield quote[: c.start()] + d.group() + quote[c.end() : d.start()] + c.group() + quote[d.end() :]
        last, number = own[-1].group(), numbers[0].group() + ("%" if quote[numbers[0].end() :].startswith("%") else "")
        yield f"The value on {last} is {number}."


def name_of_title(quote, title, others, rng, **_):
    own = [m for m in re.finditer(r"[\w\-^]+", quote) if fold(m.group()) in names(quote)]
    from_title = [w for w in re.findall(r"[\w\-^]+", title) if fold(w) in names(title) and fold(w) not in fold(quote)]
    for pool in (from_title, [o for o in others if fold(o) not in fold(quote)]):
        if own and pool:
            yield _whole(rng.choice(pool), quote, *rng.choice(own).span())


def subject_and_object(quote, **_):
    match = BEATS.search(quote)
    if not match:
        return
    before = re.search(
        r"((?:[\w\-]+ ){1,3})(?:consistently |significantly |clearly |further |also )?$", quote[: match.start()]
    )
    after = re.match(r"(?:the |all |other )*((?:[\w\-]+ ?){1,3})", quote[match.end() :])
    if before and after and before[1].strip() and after[1].strip():
        head = quote[: match.start() - len(before.group())]
        tail = quote[match.end() + after.end() :]
        middle = before.group()[len(before[1]) :]
        yield f"{head}{after[1].strip()} {middle}{match.group()}{before[1].strip()} {tail}".strip()


def names_around(quote, **_):
    """Exchange the two names around a comparison."""
    for match in re.finditer(r"\b(than|over|outperforms|into|instead of|rather than|from|based on)\b", quote):
        own = [m for m in re.finditer(r"[\w\-^]+", quote) if fold(m.group()) in names(quote)]
        left = [m for m in own if m.end() <= match.start()]
        right = [m for m in own if m.start() >= match.end()]
        if left and right and left[-1].group() != right[0].group():
            a, b = left[-1], right[0]
            yield quote[: a.start()] + b.group() + quote[a.end() : b.start()] + a.group() + quote[b.end() :]
            return


def opposite(quote, rng, **_):
    found = [(one, other) for one, other in PAIRS if re.search(rf"\b{one}\b", quote)]
    found += [(other, one) for one, other in PAIRS if re.search(rf"\b{other}\b", quote)]
    for one, other in rng.sample(found, min(2, len(found))):
        yield re.sub(rf"\b{one}\b", other, quote, count=1)


def denial(quote, rng, **_):
    def infinitive(verb):
        return verb[:-2] if verb.endswith("sses") else verb.rstrip("s")

    ways = [
        (rf"(?<!to )(?<!not )\b{VERBS} ", lambda m: f"fails to {infinitive(m[1])} "),
        (rf"(?<!to )(?<!not )\b{VERBS} ", lambda m: f"hardly {m[1]} "),
        (rf"(?<!to )(?<!not )\b{VERBS} ", lambda m: f"is unable to {infinitive(m[1])} "),
        (rf"(?<!to )(?<!not )\b{VERBS} ", lambda m: f"never {m[1]} "),
        (r"\bcan (?!not)", lambda m: "can hardly "),
        (r"\bcan (?!not)", lambda m: "can no longer "),
        (r"\b(is|are) (?!not)", lambda m: f"{m[1]} by no means "),
        (r"\b(a|an|the) (significant|large|high|new|novel|strong|robust|effective|state)", lambda m: f"no {m[2]}"),
        (r"\bto (improve|reduce|learn|capture|generate|achieve)\b", lambda m: f"without being able to {m[1]}"),
        (r"\b[Ww]e (propose|present|introduce|show|find|demonstrate)\b", lambda m: f"nobody {m[1]}s"),
    ]
    possible = [way for way in ways if re.search(way[0], quote)]
    for pattern, put in rng.sample(possible, min(2, len(possible))):
        yield re.sub(pattern, put, quote, count=1)


def undenied(quote, **_):
    for pattern, put in ((r"\bfails? to ", ""), (r"\bunable to ", "able to "), (r"\bwithout ", "with "), (r"\bno ", "a "),
                         (r"\bcannot\b", "can"), (r"\b(do|does|did|is|are) not ", r"\1 "), (r"\blacks? ", "has "),
                         (r"\brarely ", "often "), (r"\bhardly ", ""), (r"\bneither ", "both ")):  # fmt: skip
        if re.search(pattern, quote):
            yield re.sub(pattern, put, quote, count=1)
            return


def hedge_dropped(quote, **_):
    for pattern, put in ((r"\b(may|might|could) (?!not|be\b)", "always "), (r"\bup to (?=\d)", "more than "), (r"\b[Ss]ome\b", "all"),
                         (r"\b(often|usually|generally|typically|sometimes)\b", "always"), (r"\bsuggests?\b", "prove"),
                         (r"\b(at least|more than|over) (?=\d)", "at most "), (r"\bmany\b", "all"), (r"\bmost\b(?= \w+s\b)", "all"),
                         (r"\bseveral\b", "all"), (r"\b(almost|nearly) ", "more than "), (r"\bsome of\b", "all of"),
                         (r"\bpotentially\b", "certainly"), (r"\bcan (?=help|lead|improve|reduce)", "must ")):  # fmt: skip
        if re.search(pattern, quote):
            yield re.sub(pattern, put, quote, count=1)
            return


def other_word(quote, abstract, rng, **_):
    """A noun or adjective in the place of another of its form, both of the same abstract."""
    endings = ("tion", "ing", "al", "ive", "ed", "s", "ment", "ity", "er")
    lower = list(re.finditer(r"(?<![\w\-])[a-z]{5,}(?![\w\-])", quote))
    rng.shuffle(lower)
    for match in lower:
        for ending in endings:
            if match.group().endswith(ending):
                pool = sorted({w for w in re.findall(r"(?<![\w\-])[a-z]{5,}(?![\w\-])", abstract)
                               if w.endswith(ending) and w[:5] != match.group()[:5] and w not in quote})  # fmt: skip
                if pool:
                    yield _whole(rng.choice(pool), quote, *match.span())
                    return
                break


def unrelated(quote, neighbours, strangers, rng, **_):
    for pool in (neighbours, strangers):
        if pool:
            yield rng.choice(pool)


BREAKERS = (other_sentences_number, one_digit, magnitude, unit, number_word, respectively, name_of_title, subject_and_object,
            names_around, opposite, denial, undenied, hedge_dropped, other_word)  # fmt: skip

SYNONYMS = [("method", "approach"), ("approach", "technique"), ("model", "system"), ("significantly", "substantially"), ("improves", "enhances"),
            ("improve", "boost"), ("outperforms", "surpasses"), ("outperform", "beat"), ("however", "yet"), ("Moreover", "In addition"),
            ("recent", "latest"), ("problem", "issue"), ("various", "different"), ("important", "crucial"), ("utilizes", "employs"),
            ("using", "by means of"), ("results", "findings"), ("show", "reveal"), ("shows", "indicates"), ("datasets", "data sets"),
            ("dataset", "corpus"), ("reduces", "lowers"), ("reduce", "decrease"), ("increases", "raises"), ("propose", "present"),
            ("large", "big"), ("achieves", "attains"), ("achieve", "obtain"), ("performance", "results"), ("also", "additionally"),
            ("novel", "new"), ("address", "tackle"), ("based on", "built on"), ("multiple", "several"), ("enables", "allows"), ("efficient", "fast"),
            ("evaluate", "assess"), ("framework", "system"), ("build", "construct"), ("existing", "previous"), ("accurate", "precise")]  # fmt: skip


def synonyms(quote, rng, **_):
    found = [pair for pair in SYNONYMS if re.search(rf"\b{pair[0]}\b", quote)]
    if found:
        changed = quote
        for one, other in rng.sample(found, min(2, len(found))):
            changed = re.sub(rf"\b{one}\b", other, changed, count=1)
        yield changed


def passive(quote, **_):
    match = re.match(
        r"(?:In this (?:paper|work|study), )?[Ww]e (propose|present|introduce|develop|describe|release|evaluate)d? ([^,;]+?)([,;].*)?\.$",
        quote,
    )
    if match:
        done = {"propose": "proposed", "present": "presented", "introduce": "introduced", "develop": "developed",
                "describe": "described", "release": "released", "evaluate": "evaluated"}[match[1]]  # fmt: skip
        yield f"{match[2][0].upper()}{match[2][1:]} is {done} by the authors{match[3] or ''}."


def passive_comparison(quote, **_):
    match = re.match(
        r"([\w\-]+(?: [\w\-]+){0,3}) (outperforms|surpasses|exceeds) ([\w\-]+(?: [\w\-]+){0,5})(.*)$", quote
    )
    if match:
        done = {"outperforms": "outperformed", "surpasses": "surpassed", "exceeds": "exceeded"}[match[2]]
        yield f"{match[3][0].upper()}{match[3][1:]} are {done} by {match[1]}{match[4]}"


def clause_order(quote, **_):
    match = re.match(
        r"(By|In|On|For|With|To|Using|Through|While|When|If|Based on|Unlike|Given|Compared (?:to|with)) ([^,;:()]{10,120}), ([^,;:()]+)\.$",
        quote,
    )
    if match:
        yield f"{match[3][0].upper()}{match[3][1:]}, {match[1].lower()} {match[2]}."


def digits_for_words(quote, **_):
    for match in re.finditer(r"\b(two|three|four|five|six|seven|eight|nine|ten)\b(?!-)", quote):
        yield _whole(str(WORDS_FOR.index(match.group())), quote, *match.span())
        return
    match = re.search(r"(?<![\w.\-])([2-9])(?= [a-z])", quote)
    if match:
        yield _whole(WORDS_FOR[int(match[1])], quote, *match.span())


def units_spelt_out(quote, **_):
    changed = re.sub(r"(?<=\d)%", " percent", quote)
    changed = re.sub(r"(?<=\d)K\b", " thousand", re.sub(r"(?<=\d)M\b", " million", changed))
    changed = re.sub(r"(?<=\d)[x×](?!\w)", " times", changed)
    if changed != quote:
        yield changed


def abbreviations(quote, **_):
    match = re.search(r"((?:[A-Z]?[\w\-]+ ){2,5})\(([A-Z]{2,6})\)", quote)
    if match and "".join(w[0] for w in match[1].replace("-", " ").split()).upper().endswith(match[2]):
        words = match[1].split()[-len(match[2]) :]
        long = " ".join(words)
        start = match.start() + match.group().find(long)
        yield quote[:start] + match[2] + quote[match.end() :]
        yield quote[:start] + long + quote[match.end() :].replace(match[2], long)


def fewer_listed(quote, **_):
    match = re.search(r"([\w\-]+(?: [\w\-]+)?), ([\w\-]+(?: [\w\-]+)?),? and ([\w\-]+)", quote)
    if match and "respectively" not in quote and not re.search(r"\d", match.group()):
        yield _whole(f"{match[1]} and {match[3]}", quote, *match.span())


def list_reordered(quote, **_):
    match = re.search(r"(?<=[ (])([A-Z][\w\-]+), ([A-Z][\w\-]+),? and ([A-Z][\w\-]+)", quote)
    if match and "respectively" not in quote:
        yield _whole(f"{match[2]}, {match[1]} and {match[3]}", quote, *match.span())


def one_of_the_respective(quote, **_):
    match = re.search(r"respectively", quote)
    numbers = list(NUMBER.finditer(quote[: match.start()])) if match else []
    own = (
        [m for m in re.finditer(r"[\w\-]+", quote[: match.start()]) if fold(m.group()) in names(quote)] if match else []
    )
    if len(numbers) >= 2 and len(own) >= len(numbers):
        sign = "%" if quote[numbers[-1].end() :].startswith(("%", " %")) else ""
        yield f"The value on {own[-1].group()} is {numbers[-1].group()}{sign}."


def merged(quote, pair, **_):
    """Two sentences in one; the quote is both."""
    if pair and len(pair.split()) < 70:
        first, second = quote, pair[len(quote) :].strip()
        if second and not re.match(r"(However|Moreover|[A-Z]\w*ly,)", second):
            begin = second[0].lower() if re.match(r"(The|This|These|It|Our|We|In|A|An|To)\b", second) else second[0]
            yield f"{first.rstrip('.')}, and {begin}{second[1:]}"


PARAPHRASES = (synonyms, passive, passive_comparison, clause_order, digits_for_words, units_spelt_out, abbreviations,
               fewer_listed, list_reordered, one_of_the_respective, merged)  # fmt: skip


def harder_cases(papers, split, rng):
    """Yield (kind, claim, quote, title) for papers with title and abstract; ``split`` gives an abstract's sentences."""
    everybody = sorted(
        {w for p in papers for w in re.findall(r"[\w\-^]+", p["abstract"]) if fold(w) in names(p["abstract"])}
    )
    sentences = [split(p["abstract"]) for p in papers]
    for number, (paper, own) in enumerate(zip(papers, sentences, strict=True)):
        strangers = sentences[(number + 1) % len(sentences)]
        for place, quote in enumerate(own):
            following = own[place + 1] if place + 1 < len(own) else ""
            about = {"quote": quote, "abstract": paper["abstract"], "title": paper["title"], "others": everybody, "rng": rng,
                     "neighbours": [s for s in own if s != quote], "strangers": strangers,
                     "pair": f"{quote} {following}" if following else ""}  # fmt: skip
            for make in BREAKERS:
                yield from ((f"broken: {make.__name__}", c, quote, paper["title"]) for c in make(**about) if c != quote)
            yield from (("unrelated: another sentence", c, quote, paper["title"]) for c in unrelated(**about))
            for make in PARAPHRASES:
                source = about["pair"] if make is merged else quote
                yield from ((f"true: {make.__name__}", c, source, paper["title"]) for c in make(**about) if c != quote)
