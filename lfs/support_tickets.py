"""Voters of the shipped example: what a support desk's messages give away by their words."""

import re

from lfs import Item, any_of, keyword, labeling_function, regex

parcel_words = regex(
    r"\b(parcels?|packages?|courier|driver|tracking|delivered"
    r"|delivery|shipment|shipped|depot|paket|colis)\b",
    case=False,
    label="DELIVERY",
    examples=[("My parcel never came", "DELIVERY"), ("the lamp is dim", None)],
)
"""Parcels, couriers and tracking."""

where_is_it = regex(
    r"\b(where('?s| is| are) my|still (waiting|nothing|not here)"
    r"|supposed to (be|arrive|come)|never (came|arrived))",
    case=False,
    label="DELIVERY",
)
"""Somebody waits for something."""

wrong_or_missing = regex(
    r"\b(wrong (item|colou?r|lamp|size|one|address)|missing from"
    r"|empty box|box (was|is|arrived) empty|instead of)\b",
    case=False,
    label="DELIVERY",
)
"""The box holds something else, or nothing."""

return_label = regex(
    r"\b(return label|pick(ed)?[- ]?up|send (it|them|this) back|exchange|neighbou?r|doorstep)\b",
    case=False,
    label="DELIVERY",
)
"""Sending goods back."""

broken_on_arrival = keyword(
    "dented",
    "crushed",
    "smashed",
    "shattered",
    "arrived broken",
    "arrived damaged",
    "arrived cracked",
    label="DELIVERY",
)
"""Damage in transit."""

money_words = regex(
    r"\b(refund\w*|invoices?|receipts?|vat|voucher|coupon"
    r"|gift ?card|credit note|rechnung|facture|factura)\b",
    case=False,
    label="BILLING",
)
"""Money that came back, or should."""

charged = regex(
    r"\b(charged (me|us|my|twice|again|double)|(double|two"
    r"|extra) charges?|took .{0,20}(twice|money)|debited|billed)\b",
    case=False,
    label="BILLING",
    examples=[("you charged me twice", "BILLING"), ("it will not charge", None)],
)
"""Charges to a card; "charge" alone may mean a battery."""

amounts = any_of(
    regex(r"[€£$] ?\d|\d+[.,]\d\d\b", label="BILLING"),
    keyword("euro", "euros", "pound", "pounds", "dollar", "dollars", "cents", label="BILLING"),
    label="BILLING",
)
"""An amount of money is named."""

payment_means = keyword(
    "paypal",
    "klarna",
    "credit card",
    "debit card",
    "iban",
    "my card",
    "payment",
    "price",
    "discount",
    "bank",
    label="BILLING",
)
"""How people pay, and what it costs."""

connects_not = regex(
    r"\b(pair(s|ed|ing)?|wi-?fi|wlan|bluetooth|router|mesh|zigbee|offline|unreachable|reconnect\w*)\b",
    case=False,
    label="TECHNICAL",
)
"""Pairing and networks."""

software = regex(
    r"\b(firmware|update[ds]?|crash\w*|app (says|shows|closes|freezes|hangs)|error|reset|reboot\w*|bug)\b",
    case=False,
    label="TECHNICAL",
)
"""The app and what runs on the devices."""

automations = regex(
    r"\b(schedules?|scenes?|automations?|routine|sunset|motion"
    r"|flicker\w*|blink\w*|dims?|thermostat says|calibrat\w*)\b",
    case=False,
    label="TECHNICAL",
)
"""Schedules, scenes and measurements."""

DEVICES = ("lamp", "light", "plug", "sensor", "hub", "bulb", "thermostat")
QUESTION = re.compile(
    r"\bhow (do|can|to|does) .{0,40}\b(set|turn|connect|install|change|make|get) .{0,40}\b"
    rf"({'|'.join(DEVICES)})",
    re.IGNORECASE,
)


@labeling_function(examples=[("how do I set up the hub?", "TECHNICAL"), ("how do I cancel?", None)])
def how_to(item: Item) -> str | None:
    """Questions on how to do something with a device."""
    return "TECHNICAL" if QUESTION.search(item.text) else None


login = keyword(
    "log in",
    "login",
    "logged in",
    "logged out",
    "sign in",
    "password",
    "passcode",
    "passwort",
    "2fa",
    "two-factor",
    "two factor",
    "verification code",
    "locked out",
    label="ACCOUNT",
    examples=[("Password forgotten", "ACCOUNT"), ("passwords are hard", None)],
)
"""Getting in."""

personal_data = regex(
    r"\b(my (profile|data|account details|username)|e-?mail address"
    r"|delete (my|the|our) account|household|member|gdpr|owner|admin)\b",
    case=False,
    label="ACCOUNT",
)
"""Profiles, people of a household and their data."""

wants_out = regex(
    r"\b(cancel\w*|unsubscribe|terminate|withdraw|k[uü]ndig\w*|stornier\w*|r[ée]silier)\b",
    case=False,
    label="CANCELLATION",
)
"""Ending a subscription or an order."""

ENDING = r"\b(end|stop|quit\w*|leave|leaving|rid of|get out|done with)\b"

ends_plus = any_of(
    regex(rf"{ENDING}.{{0,40}}\b(plus|subscription|contract|lumora)\b", case=False, label="CANCELLATION"),
    keyword("other brand", "another brand", label="CANCELLATION"),
    label="CANCELLATION",
)
"""Ending Lumora Plus in other words, or leaving for another brand."""

fire_and_shock = regex(
    r"\b(smok(e|ing|ed)|burn(t|ed|ing|s)?|fire|spark(s|ed)?"
    r"|melt(ed|ing)?|scorch\w*|electr\w+ shock|overheat\w*|flash)\b",
    case=False,
    label="SAFETY",
    examples=[("there is smoke coming out of it", "SAFETY"), ("the app fired an error", None)],
)
"""Heat, smoke, current."""

hurt = regex(
    r"\b(hurt|injur\w+|bleed\w*|swallow\w*|hospital|doctor"
    r"|vet|ambulance|cut (my|his|her|on)|tingl\w+|blister\w*)\b",
    case=False,
    label="SAFETY",
)
"""A person or an animal came to harm."""

strange_signs = regex(
    r"\b(smell(s|ed|ing)?|so (hot|warm)|too hot|brown|swollen"
    r"|bulging|puffed|hiss\w*|crackl\w*|hot to (the )?touch)\b",
    case=False,
    label="SAFETY",
)
"""Quiet signs of danger."""
