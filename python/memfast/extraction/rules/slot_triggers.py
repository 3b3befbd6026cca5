"""Words that a sentence must contain for a slot pattern to match; checked before any pattern runs.

A new slot pattern needs its words here.
"""

from __future__ import annotations

from memfast.extraction.rules.words import lexicon

# The first words of a lead (`LEAD`).
OPENERS = lexicon(
    """
    well so yes yeah yep yup no oh ok okay actually btw by fyi and but now currently right these
    nowadays anyway hi hello hey sure correction update i did please remember note just
    """
)
OF_OPINION = lexicon("like love enjoy hate dislike adore stand detest")
OF_SELF = lexicon(
    """
    called call by calls m im am turned live reside living based relocated moved work working
    joined employed started job married single divorced widowed engaged separated kid kids child
    children sibling siblings brother brothers sister sisters dog dogs cat cats weigh vegan
    vegetarian pescatarian pescetarian omnivore carnivore
    """
)
OF_CHANGES = lexicon("changed switched updated change update set")
OF_FAVOURITES = lexicon("fav fave favorite favourite")
OF_MINE = OF_FAVOURITES | lexicon(
    """
    name names called named phone mobile cell telephone number email mail address birthday birth
    hometown town language tongue nationality religion blood height weight shoe timezone zone
    username handle nickname title occupation profession major salary pronouns surname postcode code
    zip
    """
)
OF_SLOTS = OF_OPINION | OF_SELF | OF_CHANGES | OF_FAVOURITES | OF_MINE
