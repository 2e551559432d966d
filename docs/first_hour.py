"""A first hour with Quorum, on the shipped example: run it as a script, or cell by cell in a notebook."""

# %% [markdown]
# # A first hour
#
# The shipped example is 1,260 messages to the support desk of a shop for smart lamps. Nothing here
# needs a project, a config or a server: functions, a table of texts, and what comes of them. In a
# notebook, leave `print` out: votes, analysis and buckets show themselves as tables.

# %%
from pathlib import Path

import numpy as np
import pandas as pd

from labeling import SnorkelModel, analyse, apply, buckets
from lfs import Item, keyword, labeling_function, regex, unless

home = next(folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "configs").is_dir())
messages = pd.read_json(home / "configs" / "support_tickets" / "tickets.jsonl", lines=True)
classes = ["DELIVERY", "BILLING", "TECHNICAL", "ACCOUNT", "CANCELLATION", "SAFETY"]
print(messages["label"].value_counts())

# %% [markdown]
# The messages have known labels. We look at those of three in ten, `dev`, while we write; the
# others tell us in the end whether the functions are as good as they look. (In a project, `dev:
# {share: 0.1}` keeps these apart for you, and out of the audit.)

# %%
dev = messages.sample(frac=0.3, random_state=0)
rest = messages.drop(dev.index)

# %% [markdown]
# ## What you know, as functions
#
# Start with words. A builder is declared, not programmed: it runs on the whole column at once. What
# is not matched abstains.

# %%
parcel = keyword(
    "parcel", "parcels", "courier", "driver", "tracking", "delivered", "delivery", label="DELIVERY"
)
money = keyword("refund", "invoice", "receipt", "voucher", "charged", "billed", "paid", label="BILLING")
device = keyword("app", "wifi", "bluetooth", "firmware", "update", "offline", "pairing", label="TECHNICAL")
login = keyword("password", "login", "account", "username", "household", label="ACCOUNT")
cancel = keyword("cancel", "unsubscribe", "withdraw", label="CANCELLATION")
smoke = keyword("smoke", "fire", "burn", "spark", label="SAFETY")

first = apply([parcel, money, device, login, cancel, smoke], dev, classes)
print(analyse(first, dev["label"]))

# %% [markdown]
# Coverage says on how many messages a function votes, conflicts how often another one contradicts
# it, accuracy how often it is right where it votes; the interval says how much a few dozen votes
# prove. `cancel` and `smoke` are mostly wrong. Why?

# %%
errors = buckets(first, dev["label"], dev)
for voter in ("cancel", "smoke"):
    for row in errors[voter, "wrong"]:
        print(f"{voter}, but {dev['label'].iloc[row]}: {dev['text'].iloc[row]}")

# %% [markdown]
# Some cancel a claim, others an order that has not come; smoke alarms mention smoke when they
# merely chirp. Both are worth an exception. `examples` say beside a function what it has to do: one
# that fails them does not vote.

# %%
other_matter = keyword("partially", "package", "invoice", "billed", "arrives", label="CANCELLATION")
detector = regex(r"smoke (detector|alarm)", label="SAFETY", case=False)

cancels = unless(
    keyword("cancel", "unsubscribe", "withdraw", "terminate", "kündigen", label="CANCELLATION"),
    other_matter,
    examples=[("please cancel my subscription", "CANCELLATION"), ("cancel claim 9, I was billed", None)],
)
danger = unless(
    regex(r"\b(smok(e|ing)|burn(t|ing)?|sparks?|shock|too hot|melt(ed|ing)?)\b", label="SAFETY", case=False),
    detector,
    examples=[("smoke came out of the plug", "SAFETY"), ("the smoke alarm won't pair", None)],
)

# %% [markdown]
# What has been missed says where to write the next function. Here are messages without any vote.

# %%
for row in np.flatnonzero(~first.covered)[:8]:
    print(f"{dev['label'].iloc[row]}: {dev['text'].iloc[row][:100]}")

# %% [markdown]
# Amounts of money, questions where something is, an address: some of this is easier said in Python.
# What several functions need is prepared once per message, by the functions that `pre` names.


# %%
def words(item: Item) -> set[str]:
    """Give the words of a message."""
    return set(item.text.lower().replace("?", " ").replace(".", " ").replace(",", " ").split())


@labeling_function(pre=[words], examples=[("where is my order", "DELIVERY"), ("where do i pay", None)])
def waits(item: Item, words: set[str]) -> str | None:
    """Somebody waits for an order."""
    asks, goods = {"where", "where's", "eta", "arrive", "arrives", "arrived"}, {"my", "order", "half"}
    return "DELIVERY" if asks & words and goods & words and not {"charged", "paid"} & words else None


@labeling_function(pre=[words])
def device_acts(item: Item, words: set[str]) -> str | None:
    """A device, or what it should do by itself."""
    devices = {"sensor", "thermostat", "schedule", "scene", "alexa", "siri", "hub", "humidity", "voice"}
    return "TECHNICAL" if devices & words and not {"order", "return", "sent", "ordered"} & words else None


@labeling_function(pre=[words])
def own_data(item: Item, words: set[str]) -> str | None:
    """It is about a person's own data, or about who belongs to a household."""
    return "ACCOUNT" if {"data", "profile", "registered", "register", "member", "username"} & words else None


amount = regex(
    r"[€£$] ?\d|\b\d+[.,]\d\d\b|\b(euros?|pounds?|price|vat|payment)\b", label="BILLING", case=False
)
wrong_item = regex(r"\b(wrong (item|colou?r|size|one)|missing|smashed|dented|instead of)\b", label="DELIVERY")

functions = [
    parcel,
    waits,
    wrong_item,
    money,
    amount,
    device,
    device_acts,
    login,
    own_data,
    cancels,
    danger,
]
second = apply(functions, dev, classes)
print(analyse(second, dev["label"]))

# %% [markdown]
# Two thirds of the messages have a vote now, and the mended functions are right. `waits` is not: a
# guess that turns out so badly is better left out.

# %%
functions = [function for function in functions if function is not waits]

# %% [markdown]
# ## One label out of many votes
#
# A label model weighs the votes without looking at any label. It needs at least three functions;
# more that disagree for good reasons help it, copies of one another mislead it (the analysis names
# such pairs).

# %%
votes = apply(functions, rest, classes)
model = SnorkelModel(seed=0)
model.fit(model.statistics(votes))
labels = np.array(classes)[model.predict_proba(votes).argmax(axis=1)]

right = labels == rest["label"].to_numpy()
print(f"somebody votes on {votes.covered.mean():.0%} of the messages we did not look at")
print(f"the label is right on {right[votes.covered].mean():.0%} of these")

# %% [markdown]
# ## Where to go from here
#
# An hour of functions labels a good half of the messages, roughly. The rest is for a model of
# texts, and for people: put the functions into a file, name it in a config (`quorum init NAME`
# writes both), and
#
# - `quorum votes` shows the same analysis, and calls only what was edited since;
# - `quorum lf errors VOTER` and `quorum lf suggest` show what to mend and what to write next;
# - `quorum run` trains on votes and texts; `quorum up` asks people about what remains, the most
#   informative first;
# - `quorum certify` says, from a blind audit, how many of the labels are wrong at most.
