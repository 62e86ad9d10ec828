"""Sentences with personal data that another project invents (PyPI faker, python-stdnum), and sentences with numbers that are none.

`python personal-texts.py SEED N` prints one JSON object a line: {"class": name or null, "text": sentence}. The sentences around a
value are those that people write beside one in each country; which of them a rule knows was not looked at."""
import json
import sys

from faker import Faker
from stdnum import verhoeff

SEED, N = int(sys.argv[1]), int(sys.argv[2])
Faker.seed(SEED)
US = Faker("en_US")


def of(locale, method):
    maker = Faker(locale)
    return lambda: str(getattr(maker, method)())


def aadhaar():
    number = US.numerify("%##########")
    number = ("2" + number[1:] if number[0] == "1" else number)
    number += verhoeff.calc_check_digit(number)
    return US.random_element([number, f"{number[:4]} {number[4:8]} {number[8:]}"])


VALUES = {
    "payment_card": (lambda: US.credit_card_number(card_type=US.random_element(["visa16", "mastercard", "amex"])),
                     ["Charged to card {}.", "{}", "Visa {}, thank you", "payment_method={}"]),
    "iban": (of("de_DE", "iban"), ["IBAN {}", "Konto: {}", "please pay to {} today"]),
    "email": (US.email, ["Write to {}.", "contact={}", "<{}>"]),
    "ipv4": (US.ipv4_public, ["from {} port 22", "client {}", "{} - - GET /"]),
    "ipv6": (lambda: "2a0" + US.hexify("^") + ":" + ":".join(US.hexify("^^^^") for _ in range(7)), ["from {} port 22", "client={}"]),
    "phone": (lambda: of(US.random_element(["de_DE", "fr_FR", "en_GB", "en_US", "it_IT", "es_ES", "nl_NL", "pl_PL", "sv_SE"]),
                         "phone_number")(), ["Tel: {}", "Phone {}", "call me on my mobile {}"]),
    "us_ssn": (US.ssn, ["SSN {}", "social security number: {}", "{}"]),
    # faker's own have letters that are never issued, and its Aadhaar numbers a Luhn digit.
    "uk_nino": (lambda: US.numerify(US.random_element(["AB %##### C", "JK ## ## ## A", "SP%##### D", "WM######B"])),
                ["National Insurance number {}", "NI number: {}", "NINO {}"]),
    "fr_nir": (of("fr_FR", "ssn"), ["Numéro de sécurité sociale {}", "NIR: {}", "{}"]),
    "es_id": (of("es_ES", "nif"), ["DNI {}", "con documento {}", "NIF: {}"]),
    "it_codice_fiscale": (of("it_IT", "ssn"), ["codice fiscale {}", "C.F. {}", "{}"]),
    "nl_bsn": (of("nl_NL", "ssn"), ["BSN {}", "burgerservicenummer: {}"]),
    "pl_pesel": (of("pl_PL", "ssn"), ["PESEL {}", "numer PESEL: {}"]),
    "se_personnummer": (of("sv_SE", "ssn"), ["personnummer {}", "Personnr: {}", "pnr {}"]),
    "fi_hetu": (of("fi_FI", "ssn"), ["henkilötunnus {}", "hetu: {}", "{}"]),
    "br_cpf": (of("pt_BR", "cpf"), ["CPF {}", "meu CPF é {}", "{}"]),
    "in_aadhaar": (aadhaar, ["Aadhaar {}", "my Aadhar no. is {}"]),
    "cn_resident_id": (of("zh_CN", "ssn"), ["身份证号 {}", "ID {}", "{}"]),
}
CLEAN = [
    lambda: f"order {US.numerify('###############')} shipped", lambda: f"invoice {US.numerify('####-####-##')}",
    lambda: f"commit {US.sha1()}", lambda: f"version {US.numerify('##.#.##')} of {US.date()}",
    lambda: f"{US.date_time()} took {US.numerify('#####')} ms", lambda: f"ISBN {US.isbn13()}", lambda: f"EAN {US.ean13()}",
    lambda: f"id={US.uuid4()}", lambda: f"serial {US.bothify('??##??####')}", lambda: f"10.{US.numerify('#.#.#')} and 192.168.0.{US.numerify('#')}",
    lambda: f"{US.numerify('#.########')},{US.numerify('-##.#######')}", lambda: f"timestamp {US.numerify('16########')}{US.numerify('###')}",
    lambda: f"part no. {US.bothify('??-#####-??').upper()}", lambda: US.text(200), lambda: f"mac {US.mac_address()}",
    lambda: f"account balance {US.numerify('###,###,###.##')}", lambda: f"tracking 1Z{US.bothify('??####??########').upper()}",
    lambda: f"RGB({US.numerify('##, ##, ##')}) row {US.numerify('#########')}",
]
for name, (make, sentences) in VALUES.items():
    for index in range(N):
        print(json.dumps({"class": name, "text": sentences[index % len(sentences)].format(make())}))
for index in range(N * 10):
    print(json.dumps({"class": None, "text": CLEAN[index % len(CLEAN)]()}))
