"""The demo page, driven as a person would: chat, buttons, keyboard, the phone's prompt, the provider's switches."""

import re

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from bot.simulator.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

AMINA = 1001
ONRAMP = {
    "mobileMoney": {"phoneNumber": "+254712345678", "accountName": "Amina", "providerNetwork": "MPESA"},
    "fiatAmount": 1000,
    "currency": "KES",
    "chain": "BASE",
    "token": "USDC",
    "receiverAddress": "0x000000000000000000000000000000000000beef",
    "referenceId": "buy-1",
    "callbackUrl": "http://127.0.0.1:9/nobody",
}


async def start(page: Page) -> None:
    await page.get_by_role("button", name="Start").click()
    await expect(page.locator(".message.in")).to_contain_text("Karibu")


async def buy(address: str, **changes: object) -> None:
    order = ONRAMP | changes
    if "bankCheckout" in order:
        del order["mobileMoney"]
    async with httpx.AsyncClient(verify=False, trust_env=False) as http:
        headers = {"Authorization": "Bearer test-key"}
        answer = await http.post(f"{address}/api/v3/onramp", json=order, headers=headers)
    assert answer.status_code in (200, 201), answer.text


async def test_a_conversation_with_buttons_edits_and_a_countdown(page: Page, world: World) -> None:
    await expect(page.locator(".empty")).to_contain_text("Press Start to buy crypto.")
    await start(page)
    await expect(page.locator(".message.in b")).to_have_text("Karibu")

    await page.get_by_role("button", name="Buy", exact=True).click()
    card = page.locator(".message.in").last
    first = await card.locator("time").text_content() or ""
    assert re.fullmatch(r"in 0:[45]\d", first)
    await expect(card.locator("time")).not_to_have_text(first)
    await expect(card).to_contain_text("<script>x</script>")
    await expect(card.get_by_role("link", name="Open")).to_have_attribute("href", "https://kotani.example/pay")

    await card.get_by_role("button", name="Copy").click()
    await expect(page.locator("#toasts")).to_contain_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == "0xbeef"

    await card.get_by_role("button", name="Warn").click()
    await expect(page.locator("#dialog-text")).to_have_text("You chose alert")
    await page.locator("#dialog-ok").click()

    count = await page.locator(".message").count()
    await card.get_by_role("button", name="Confirm").click()
    await expect(page.locator("#toasts")).to_contain_text("You chose yes")
    await expect(page.locator(".message.in").last.locator("i")).to_have_text("PIN")
    assert await page.locator(".message").count() == count
    assert [message.edits for message in world.telegram.messages(AMINA, by_bot=True)] == [0, 1]


async def test_typing_commands_and_sharing_the_number(page: Page) -> None:
    await start(page)
    await expect(page.locator("#text")).to_have_attribute("placeholder", "How much?")
    await page.locator("#text").fill("/h")
    await expect(page.locator("#suggestions button")).to_have_text("/helpHelp")
    await page.locator("#suggestions button").click()
    await expect(page.locator(".message.in").last).to_contain_text("You said: /help")

    await page.locator("#text").fill("two\nlines <b>")
    await page.locator("#text").press("Enter")
    await expect(page.locator(".message.in").last).to_contain_text("You said: two\nlines <b>")

    await page.get_by_role("button", name="Share my number").click()
    await page.locator("#dialog-ok").click()
    await expect(page.locator(".message.in").last).to_contain_text("Your number is +254712345678")


async def test_the_phone_pays_with_a_pin(page: Page, address: str, world: World) -> None:
    await start(page)
    await buy(address)
    prompt = page.locator(".prompt")
    await expect(prompt).to_contain_text("Pay KES")
    await expect(prompt.get_by_role("button", name="Pay")).to_be_disabled()
    await prompt.get_by_label("PIN").fill("1234")
    await prompt.get_by_role("button", name="Pay").click()
    await expect(page.locator("#sms")).to_contain_text("You paid KES")

    await page.get_by_role("button", name="60×").click()
    steps = page.locator("#transactions .steps span")
    await expect(steps).to_have_text(["payment SUCCESSFUL", "money in SUCCESSFUL", "crypto out SUCCESSFUL"])
    await expect(page.locator("#sms")).to_contain_text("Your crypto wallet received")
    tx = world.kotani.transaction("buy-1")
    assert tx is not None
    assert tx.status == "SUCCESSFUL"


async def test_the_wallet_sends_what_a_sale_awaits(page: Page, address: str) -> None:
    await start(page)
    sale = {name: ONRAMP[name] for name in ("currency", "chain", "token")} | {
        "senderAddress": ONRAMP["receiverAddress"]
    }
    receiver = {"phoneNumber": "+254712345678", "accountName": "Amina", "networkProvider": "MPESA"}
    async with httpx.AsyncClient(verify=False, trust_env=False, base_url=address) as http:
        for name in ("sell-1", "sell-2"):
            order = sale | {"referenceId": name, "cryptoAmount": 10, "mobileMoneyReceiver": receiver}
            made = await http.post("/api/v3/offramp", json=order, headers={"Authorization": "Bearer test-key"})
            assert made.status_code == 200, made.text

    await page.get_by_role("button", name="Send 10 USDC on BASE").first.click()
    await expect(page.locator("#sms")).to_contain_text("You received KES 1253. Receipt")
    await page.get_by_role("button", name="Another amount").click()
    await page.get_by_label("Amount").fill("9.5")
    await page.locator("#dialog-ok").click()
    await expect(page.locator("#due li")).to_have_count(0)
    await expect(page.locator("#transactions .steps").first).to_contain_text("sale FAILED")


async def test_inline_mode_and_links_to_the_bot_stay_in_the_chat(page: Page, context: BrowserContext) -> None:
    await start(page)
    await page.locator("#text").fill("ask")
    await page.locator("#text").press("Enter")
    await page.get_by_role("button", name="Share", exact=True).click()
    await expect(page.locator("#text")).to_have_value("@simulated_bot 500")
    await page.locator("#suggestions").get_by_role("button", name="Ask for it").click()
    mine = page.locator(".message.out").last
    await expect(mine).to_contain_text("Please pay 500")
    await expect(mine.locator(".meta")).to_contain_text("via Kotani assistant")
    await mine.get_by_role("button", name="Pay").click()
    await expect(page.locator("#dialog-text")).to_have_text("You chose alert")
    await page.locator("#dialog-ok").click()

    await page.get_by_role("link", name="Its link").click()
    await expect(page.locator(".message.in").last).to_contain_text("You said: /start r_1")
    assert len(context.pages) == 1


async def test_a_hosted_checkout_is_paid_in_its_own_tab(
    page: Page, context: BrowserContext, address: str, world: World
) -> None:
    payer = {
        "bankCheckout": {"fullName": "Amina", "phoneNumber": "+254712345678"},
        "currency": "ZAR",
        "fiatAmount": 200,
    }
    await buy(address, **payer)
    (checkout,) = world.kotani.phones.prompts.values()
    await expect(page.locator(".prompt")).to_have_count(0)
    tab = await context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    await tab.goto(f"{address}/checkout/{checkout.id}")
    await expect(tab.locator("header")).to_contain_text("Simulated bank")
    await expect(tab.locator(".amount")).to_have_text("ZAR 205.00")
    await expect(tab.locator("dl")).to_contain_text("KOTANI PAY")
    await tab.get_by_role("button", name="Pay").click()

    await expect(tab.get_by_text("Payment received.")).to_be_visible()
    assert checkout.state == "approved"
    assert all(url.startswith((address, "data:")) for url in asked)


@pytest.mark.parametrize(("choice", "said"), [("Decline", "You declined"), ("Too little money", "Not enough money")])
async def test_the_phone_says_no(page: Page, address: str, choice: str, said: str) -> None:
    await start(page)
    await buy(address)
    await page.locator(".prompt").get_by_role("button", name=choice).click()

    await expect(page.locator("#sms")).to_contain_text(said)
    await expect(page.locator(".prompt")).to_have_count(0)


async def test_a_prompt_that_was_ignored_is_opened_again(page: Page, address: str) -> None:
    await start(page)
    await expect(page.get_by_role("heading", name="Notifications")).to_be_hidden()
    await buy(address)
    await page.locator(".prompt").get_by_role("button", name="Ignore it").click()
    await expect(page.locator(".prompt")).to_have_count(0)
    await expect(page.get_by_role("heading", name="Notifications")).to_be_visible()

    await page.get_by_role("button", name="Open it").click()
    await page.locator(".prompt").get_by_label("PIN").fill("1234")
    await page.locator(".prompt").get_by_role("button", name="Pay").click()
    await expect(page.locator("#sms")).to_have_text("You paid KES 1025")


async def test_every_phone_shows_only_its_own(page: Page, address: str, world: World) -> None:
    await start(page)
    await buy(address)
    await page.locator(".prompt").get_by_role("button", name="Decline").click()
    await expect(page.locator("#sms")).to_have_text("You declined KES 1025")

    await page.get_by_role("button", name="More").click()
    await page.get_by_role("button", name="New person…").click()
    await page.get_by_label("First name").fill("Brian")
    await page.get_by_label("Phone, with").fill("+254 722 000 111")
    await page.get_by_label("Language").select_option("sw")
    await page.locator("#dialog-ok").click()
    await expect(page.locator("#phone-number")).to_have_text("+254 722 000 111")
    assert [one.language_code for one in world.telegram.chats.people.values()] == ["en", "sw"]
    await expect(page.locator("#sms li")).to_have_count(0)
    await expect(page.get_by_role("heading", name="Notifications")).to_be_hidden()

    brian = {"phoneNumber": "+254722000111", "accountName": "Brian", "providerNetwork": "MPESA"}
    nobody = {"phoneNumber": "+254733000222", "accountName": "Chao", "providerNetwork": "MPESA"}
    await buy(address, referenceId="buy-2", mobileMoney=brian)
    await expect(page.locator(".prompt .other")).to_have_count(0)
    await expect(page.locator(".prompt")).to_have_count(1)
    await page.get_by_label("You are").select_option("Amina")
    await expect(page.locator(".prompt")).to_have_count(0)
    await expect(page.locator("#sms")).to_have_text("You declined KES 1025")

    await buy(address, referenceId="buy-3", mobileMoney=nobody)
    await expect(page.locator(".prompt .other")).to_contain_text("+254733000222")


async def test_the_link_to_an_explorer_stays_here(page: Page, context: BrowserContext, world: World) -> None:
    await start(page)
    await page.locator("#text").fill("explorer")
    await page.locator("#text").press("Enter")
    await page.get_by_role("link", name="Explorer").click()

    await expect(page.locator("#toasts")).to_contain_text("nothing to see on the real chain")
    assert len(context.pages) == 1


async def test_the_provider_tells_its_own_time(page: Page) -> None:
    await expect(page.locator("#now")).not_to_contain_text("ahead")
    await page.get_by_role("button", name="+10 min").click()

    await expect(page.locator("#now")).to_contain_text(re.compile("provider's time .*, (9 min 5|10 min )"))


async def test_a_delivery_is_made_to_fail_and_callbacks_get_lost(page: Page, world: World) -> None:
    fail = page.get_by_role("button", name="Crypto delivery fails")
    await fail.click()
    await expect(fail).to_have_class("armed")
    assert world.kotani.settings.fail_deliveries == 1
    await fail.click()
    await expect(fail).not_to_have_class("armed")
    assert world.kotani.settings.fail_deliveries == 0

    await page.get_by_role("button", name="Get lost").click()
    await expect(page.get_by_role("button", name="Get lost")).to_have_class("on")
    assert world.kotani.settings.callback_mode == "none"


async def test_two_tabs_show_the_same_chat(page: Page, context: BrowserContext, address: str) -> None:
    await start(page)
    other = await context.new_page()
    await other.goto(address)
    await expect(other.locator(".message.in")).to_contain_text("Karibu")

    await other.locator("#text").fill("from the other tab")
    await other.locator("#text").press("Enter")
    for tab in (page, other):
        await expect(tab.locator(".message.in").last).to_contain_text("You said: from the other tab")


async def test_the_customer_has_an_address_to_paste(page: Page) -> None:
    await page.get_by_role("button", name="Tron").click()

    assert await page.evaluate("navigator.clipboard.readText()") == "THMe8HVBgDnzw8bfzWqhR8qoTS631gA6CS"


async def test_blocking_and_coming_back(page: Page) -> None:
    await start(page)
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("button", name="Block the bot").click()
    await expect(page.locator("#write")).to_be_hidden()
    await page.get_by_role("button", name="Unblock").click()
    await expect(page.locator("#write")).to_be_visible()


async def test_on_a_narrow_screen_the_prompt_is_announced(page: Page, address: str) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await start(page)
    await buy(address)
    await page.locator("#prompt-banner").click()
    await expect(page.locator(".chat")).to_be_hidden()
    await page.locator(".prompt").get_by_label("PIN").fill("1234")
    await page.locator(".prompt").get_by_role("button", name="Pay").click()

    await expect(page.locator(".chat")).to_be_visible()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide == 390


async def test_nothing_foreign_is_allowed_in(address: str) -> None:
    async with httpx.AsyncClient(verify=False, trust_env=False) as http:
        policy = (await http.get(address)).headers["content-security-policy"]
        foreign = await http.post(f"{address}/_control/telegram/people", headers={"origin": "https://evil.example"})
        rebound = await http.get(f"{address}/_control/telegram/state", headers={"host": "evil.example"})

    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert (foreign.status_code, rebound.status_code) == (403, 403)
