"""Voters of the shipped example: what a support desk's messages give away by their words."""

import re

from lfs import Item, labeling_function


def says(item: Item, pattern: str) -> bool:
    """Tell whether the text of a message holds a pattern, in any case."""
    return re.search(pattern, item.text, re.IGNORECASE) is not None


@labeling_function
def parcel_words(item: Item) -> str | None:
    """Parcels, couriers and tracking."""
    words = (
        r"\b(parcels?|packages?|courier|driver|tracking|delivered"
        r"|delivery|shipment|shipped|depot|paket|colis)\b"
    )
    return "DELIVERY" if says(item, words) else None


@labeling_function
def where_is_it(item: Item) -> str | None:
    """Somebody waits for something."""
    words = (
        r"\b(where('?s| is| are) my|still (waiting|nothing|not here)"
        r"|supposed to (be|arrive|come)|never (came|arrived))"
    )
    return "DELIVERY" if says(item, words) else None


@labeling_function
def wrong_or_missing(item: Item) -> str | None:
    """The box holds something else, or nothing."""
    words = (
        r"\b(wrong (item|colou?r|lamp|size|one|address)|missing from"
        r"|empty box|box (was|is|arrived) empty|instead of)\b"
    )
    return "DELIVERY" if says(item, words) else None


@labeling_function
def return_label(item: Item) -> str | None:
    """Sending goods back."""
    words = r"\b(return label|pick(ed)?[- ]?up|send (it|them|this) back|exchange|neighbou?r|doorstep)\b"
    return "DELIVERY" if says(item, words) else None


@labeling_function
def broken_on_arrival(item: Item) -> str | None:
    """Damage in transit."""
    return (
        "DELIVERY"
        if says(item, r"\b(dented|crushed|smashed|shattered|arrived (broken|damaged|cracked))\b")
        else None
    )


@labeling_function
def money_words(item: Item) -> str | None:
    """Money that came back, or should."""
    words = (
        r"\b(refund\w*|invoices?|receipts?|vat|voucher|coupon"
        r"|gift ?card|credit note|rechnung|facture|factura)\b"
    )
    return "BILLING" if says(item, words) else None


@labeling_function
def charged(item: Item) -> str | None:
    """Charges to a card; "charge" alone may mean a battery."""
    words = (
        r"\b(charged (me|us|my|twice|again|double)|(double|two"
        r"|extra) charges?|took .{0,20}(twice|money)|debited|billed)\b"
    )
    return "BILLING" if says(item, words) else None


@labeling_function
def amounts(item: Item) -> str | None:
    """An amount of money is named."""
    return "BILLING" if says(item, r"[€£$] ?\d|\d+[.,]\d\d\b|\b(euros?|pounds?|dollars?|cents)\b") else None


@labeling_function
def payment_means(item: Item) -> str | None:
    """How people pay, and what it costs."""
    words = r"\b(paypal|klarna|credit card|debit card|iban|my card|payment|price|discount|bank)\b"
    return "BILLING" if says(item, words) else None


@labeling_function
def connects_not(item: Item) -> str | None:
    """Pairing and networks."""
    words = r"\b(pair(s|ed|ing)?|wi-?fi|wlan|bluetooth|router|mesh|zigbee|offline|unreachable|reconnect\w*)\b"
    return "TECHNICAL" if says(item, words) else None


@labeling_function
def software(item: Item) -> str | None:
    """The app and what runs on the devices."""
    words = (
        r"\b(firmware|update[ds]?|crash\w*|app (says|shows|closes|freezes|hangs)|error|reset|reboot\w*|bug)\b"
    )
    return "TECHNICAL" if says(item, words) else None


@labeling_function
def automations(item: Item) -> str | None:
    """Schedules, scenes and measurements."""
    words = (
        r"\b(schedules?|scenes?|automations?|routine|sunset|motion"
        r"|flicker\w*|blink\w*|dims?|thermostat says|calibrat\w*)\b"
    )
    return "TECHNICAL" if says(item, words) else None


@labeling_function
def how_to(item: Item) -> str | None:
    """Questions on how to do something with a device."""
    words = (
        r"\bhow (do|can|to|does) .{0,40}\b(set|turn|connect|install|change"
        r"|make|get) .{0,40}\b(lamp|light|plug|sensor|hub|bulb|thermostat)"
    )
    return "TECHNICAL" if says(item, words) else None


@labeling_function
def login(item: Item) -> str | None:
    """Getting in."""
    words = (
        r"\b(log ?in|logged (in|out)|sign in|password|passcode"
        r"|passwort|2fa|two[- ]factor|verification code|locked out)\b"
    )
    return "ACCOUNT" if says(item, words) else None


@labeling_function
def personal_data(item: Item) -> str | None:
    """Profiles, people of a household and their data."""
    words = (
        r"\b(my (profile|data|account details|username)|e-?mail address"
        r"|delete (my|the|our) account|household|member|gdpr|owner|admin)\b"
    )
    return "ACCOUNT" if says(item, words) else None


@labeling_function
def wants_out(item: Item) -> str | None:
    """Ending a subscription or an order."""
    words = r"\b(cancel\w*|unsubscribe|terminate|withdraw|k[uü]ndig\w*|stornier\w*|r[ée]silier)\b"
    return "CANCELLATION" if says(item, words) else None


@labeling_function
def ends_plus(item: Item) -> str | None:
    """Ending Lumora Plus in other words, or leaving for another brand."""
    words = (
        r"\b(end|stop|quit\w*|leave|leaving|rid of|get out|done with)\b.{0,40}\b(plus"
        r"|subscription|contract|lumora)\b|\b(other|another) brand\b"
    )
    return "CANCELLATION" if says(item, words) else None


@labeling_function
def fire_and_shock(item: Item) -> str | None:
    """Heat, smoke, current."""
    words = (
        r"\b(smok(e|ing|ed)|burn(t|ed|ing|s)?|fire|spark(s|ed)?"
        r"|melt(ed|ing)?|scorch\w*|electr\w+ shock|overheat\w*|flash)\b"
    )
    return "SAFETY" if says(item, words) else None


@labeling_function
def hurt(item: Item) -> str | None:
    """A person or an animal came to harm."""
    words = (
        r"\b(hurt|injur\w+|bleed\w*|swallow\w*|hospital|doctor"
        r"|vet|ambulance|cut (my|his|her|on)|tingl\w+|blister\w*)\b"
    )
    return "SAFETY" if says(item, words) else None


@labeling_function
def strange_signs(item: Item) -> str | None:
    """Quiet signs of danger."""
    words = (
        r"\b(smell(s|ed|ing)?|so (hot|warm)|too hot|brown|swollen"
        r"|bulging|puffed|hiss\w*|crackl\w*|hot to (the )?touch)\b"
    )
    return "SAFETY" if says(item, words) else None
