"""The words that rules need to know: what denies, hedges, compares and generalises, and what means the same.

General academic English. No list is complete: a word that is in none of them counts as unknown, and the quote takes
the place of the claim.
"""

from __future__ import annotations

from assistant.words import stem

NEGATIONS = frozenset(
    """no not no never none neither nor without cannot fail fails failed failing lack lacks lacked lacking unable hardly
    unlike instead n't nobody nothing nowhere barely scarcely rarely seldom refuses refuse prevents prevent impossible
    absence absent""".split()
)


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


_NUMERALS = """zero one two three four five six seven eight nine ten eleven twelve hundred thousand million billion
percent percentage times fold twice"""
NUMERALS = frozenset(_NUMERALS.split()) | _stems(_NUMERALS)
UP = _stems(
    """increase increasing improve improvement higher highest more most better best greater greatest raise raising boost
    gain outperform exceed surpass faster fastest quicker larger largest bigger superior beat upregulate enhance
    enhancement stronger strongest rise rises rising grow grows longer longest win wins lift deeper high"""
)
DOWN = _stems(
    """decrease decreasing reduce reduction low lower lowest less least fewer fewest worse worst smaller smallest drop
    decline degrade degradation underperform slower slowest inferior diminish downregulate weaker weakest fall falls
    shrink shorter shortest cut minimise minimize lessen"""
)
# What must stand in the quote in the same group, or the claim says something else. Stop words to everybody else.
GROUPS: dict[str, frozenset[str]] = {
    "all": frozenset("all every always each entire entirely whole any every everything everyone universally".split()),
    "none": frozenset("none nobody nothing never nowhere".split()),
    "certainty": frozenset("must certainly definitely undoubtedly prove proves proved proven guarantee".split()),
    "before": frozenset("before prior preceding previously earlier".split()),
    "after": frozenset("after following subsequently afterwards later post".split()),
    "above": frozenset("above upper over beyond exceeding".split()),
    "below": frozenset("below under lower beneath".split()),
    "down": frozenset(["down"]),
    "only": frozenset("only solely exclusively merely just alone".split()),
    "often": frozenset("often frequently usually commonly generally typically mostly".split()),
    "rarely": frozenset("rarely seldom occasionally sometimes scarcely hardly barely".split()),
    "most": frozenset("most majority mostly".split()),
    "few": frozenset("few fewest little".split()),
    "many": frozenset("many numerous multiple several various different diverse plenty hundreds thousands".split()),
    "opposite": frozenset("opposite reverse contrary".split()),
}
HEDGES = frozenset(
    """may might could possibly potentially perhaps probably likely suggest suggests seem seems appear appears some
    sometimes often usually generally typically partly partially almost nearly""".split()
)
# One of the two is better: even one of them on the other side turns it around.
BEATS = _stems("outperform surpass exceed beat outnumber outrank underperform")
# Who and what a paper is to itself: "we" and "the authors" are the same.
ITSELF = _stems("author researcher paper article study work")
# What papers say about papers: it adds nothing and may stand for "we" and "the method".
GENERIC = _stems(
    """author researcher paper article study work approach method methodology technique model system framework result
    finding experiment experimental show demonstrate propose present introduce describe report achieve attain obtain
    reach use utilize utilise employ apply base build provide give make help find found perform performance include
    including name call according namely moreover additionally furthermore addition however yet thus therefore hence
    finally indeed also new novel develop allow enable offer yield produce reveal indicate observe note state mean
    term value based via well"""
)
_SAME = """
approach method methodology technique procedure strategy
model system framework architecture network
significant significantly substantial substantially considerable considerably notable notably marked markedly
problem issue challenge difficulty
data dataset corpus corpora datasets set
important crucial essential vital key
test evaluate evaluation assess assessment measure benchmark examine
show demonstrate reveal indicate illustrate
find observe discover notice
claim argue state assert
use employ utilize utilise leverage exploit apply means
result finding outcome performance
various different diverse
based built relies founded
also additionally moreover furthermore addition besides
however yet nevertheless nonetheless
therefore thus hence consequently
suggest indicate imply
release publish share
focus concentrate
build construct create develop develop make
existing previous prior earlier current
fast efficient quick rapid speed
accurate precise accuracy precision
address tackle solve handle
new novel
recent latest
large big huge
small tiny little
task problem
image picture
text document
word term token
train trained training
predict prediction forecast
detect detection identify identification recognize recognise recognition spot
classify classification categorize categorise
generate generation produce create synthesize
require need demand
enable allow permit let
learn learning acquire
combine integrate merge fuse join fusion combination unite
compare comparison versus
many numerous multiple several various
additional extra further
simple easy straightforward
hard difficult challenging
public publicly open available release
complete full entire whole
human person people
user people
effective effectiveness
ability capability capacity
aim goal objective purpose
cause lead
contain comprise consist include
choose select pick
retrieve retrieval search
answer respond response reply
question query
summary summarize summarise summarization summarisation
translate translation
paper article study work
author researcher
attain achieve reach obtain get
error mistake
noise noisy
cost expense expensive
quick quickly fast
help aid assist support
explain explanation interpret
domain field area
setting scenario
experiment trial
approximately about roughly around
jointly together simultaneous simultaneously
outperform beat surpass exceed
increase increasing raise rise grow boost improve improvement enhance enhancement gain lift
reduce reduction decrease decreasing lower drop decline fall shrink diminish lessen cut
better superior
worse inferior
high higher highest great greater greatest large larger largest big bigger
fast faster fastest quick quicker
strong stronger strongest
low lower lowest small smaller smallest
propose present introduce describe develop design
achieve obtain reach get gain attain
method model system framework approach technique
term name call
percent percentage
"""


def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_SAME.split("\n")):
        for word in line.split():
            found.setdefault(stem(word), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


_GROUP_OF = _groups()


def means_the_same(one: str, other: str) -> bool:
    """Say whether two stems may stand for each other."""
    return one == other or bool(_GROUP_OF.get(one, frozenset()) & _GROUP_OF.get(other, frozenset()))
