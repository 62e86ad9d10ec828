"""Writes national-ids.json: numbers with the verdict of PyPI python-stdnum, half of them valid, the others one digit away or random.

`python national-ids.py > national-ids.json` (faker for the valid ones, python-stdnum 2.x for the verdicts)"""
import json
import random

from faker import Faker
from stdnum.br import cpf
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.se import personnummer

rng = random.Random(20261122)
Faker.seed(20261122)
digits = lambda n: "".join(rng.choice("0123456789") for _ in range(n))
fake = lambda locale, name: lambda: getattr(Faker(locale), name)()


def search(module, make):
    def found():
        while True:
            number = make()
            if module.is_valid(number):
                return number

    return found


KINDS = {
    "isBrazilianCpf": (cpf, fake("pt_BR", "cpf")),
    "isChineseId": (ric, fake("zh_CN", "ssn")),
    "isGermanTaxId": (idnr, search(idnr, lambda: "".join(rng.sample("123456789", 9)) + digits(2))),
    "isSpanishId": (dni, search(dni, lambda: digits(8) + rng.choice("TRWAGMYFPDXBNJZSQVHLCKE"))),
    "isSpanishId#2": (nie, search(nie, lambda: rng.choice("XYZ") + digits(7) + rng.choice("TRWAGMYFPDXBNJZSQVHLCKE"))),
    "isFinnishHetu": (hetu, fake("fi_FI", "ssn")),
    "isFrenchNir": (nir, fake("fr_FR", "ssn")),
    "isNhsNumber": (nhs, search(nhs, lambda: digits(10))),
    "isAadhaar": (aadhaar, search(aadhaar, lambda: rng.choice("23456789") + digits(11))),
    "isItalianCode": (codicefiscale, fake("it_IT", "ssn")),
    "isDutchBsn": (bsn, search(bsn, lambda: digits(9))),
    "isPolishPesel": (pesel, fake("pl_PL", "ssn")),
    "isSwedishNumber": (personnummer, fake("sv_SE", "ssn")),
}
def is_valid(module, number):
    """Of the Chinese number without its list of places, which python-stdnum also asks."""
    if module is not ric:
        return module.is_valid(number)
    try:
        return ric.calc_check_digit(number) == number[-1] and bool(ric.get_birth_date(number))
    except Exception:
        return False


cases = {}
for name, (module, make) in KINDS.items():
    rows = []
    for _ in range(40):
        number = str(make()).replace(" ", "")
        number = number.replace(".", "").replace("-", "") if module is cpf else number
        at = rng.choice([index for index, character in enumerate(number) if character.isdigit()])
        near = number[:at] + str((int(number[at]) + rng.randint(1, 9)) % 10) + number[at + 1 :]
        rows += [[number, is_valid(module, number)], [near, is_valid(module, near)]]
    cases[name] = rows
print(json.dumps(cases))
