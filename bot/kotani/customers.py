"""Making sure that a phone has a customer at the provider, whatever was there before.

What a second create for the same phone gives is not documented: the known customer, or a refusal. So the phone is
asked for first, and asked for again when the create does not say clearly that it worked.
"""

from dataclasses import replace

from bot.kotani import wire_account
from bot.kotani.calls import Make
from bot.kotani.errors import NotFound, Refused, Unknown
from bot.kotani.requests import CustomerChange, CustomerRequest
from bot.kotani.results import Customer


async def ensure_customer(make: Make, request: CustomerRequest) -> Customer:
    """The customer with the request's phone, made when there is none, with the request's network."""
    try:
        customer = await make(wire_account.customer_of_phone(request.phone))
    except NotFound:
        customer = await _create(make, request)
    if request.network is None or customer.network in (None, request.network):
        return customer
    # a payout goes to the network that stands in the customer's record
    return await make(wire_account.update_customer(customer.key, CustomerChange(network=request.network)))


async def _create(make: Make, request: CustomerRequest) -> Customer:
    try:
        return await make(wire_account.create_customer(request))
    except Unknown as error:
        return await _made_after_all(make, request, error)
    except Refused as error:
        said = " ".join((error.message, *error.reasons)).lower()
        if "exist" in said or "duplicate" in said:
            return await _made_after_all(make, request, error)
        older = wire_account.OLD_COUNTRY_CODES.get(request.country)
        if older is None or "country_code" not in said:
            raise
    # some versions of the provider take a country's older code only
    return await make(wire_account.create_customer(replace(request, country=older)))


async def _made_after_all(make: Make, request: CustomerRequest, error: Unknown | Refused) -> Customer:
    try:
        return await make(wire_account.customer_of_phone(request.phone))
    except NotFound:
        raise error from None
