"""Server-side template injection: Jinja in GGUF metadata and in the tokenizer files of a repository (CVE-2024-34359,
CVE-2026-5760), in the spellings by which people get past sandboxes and scanners; and GGUF files that lie about numbers.
"""

import json
import struct

from pkl import EVIL

PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

SSTI = {
    "cycler": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "mro": "{% for c in ''.__class__.__mro__[1].__subclasses__() %}{% if c.__name__ == 'Popen' %}{{ c('id', shell=True) }}{% endif %}{% endfor %}",
    "subscripts": "{{ ''['__class__']['__base__']['__subclasses__']() }}",
    "attr-filter": "{{ lipsum|attr('__globals__')|attr('__getitem__')('os')|attr('popen')('id') }}",
    "attr-concatenated": "{{ lipsum|attr('__glo' ~ 'bals__') }}",
    "attr-joined": "{{ joiner|attr(['_' * 2, 'init', '_' * 2]|join) }}",
    "attr-hex": "{{ namespace['\\x5f\\x5finit\\x5f\\x5f']['\\x5f\\x5fglobals\\x5f\\x5f'] }}",
    "attr-format": "{{ range|attr('%sclass%s' % ('__', '__')) }}",
    "attr-formatted-chars": "{{ dict|attr('%c%cbase%c%c'|format(95, 95, 95, 95)) }}",
    "attr-reversed": "{{ messages|attr('__ssalc__'|reverse) }}",
    "attr-replaced": "{{ messages|attr('XXclassXX'|replace('X', '_')) }}",
    "attr-variable": "{% set a = '__cla' %}{% set b = 'ss__' %}{{ messages[a + b] }}",
    "attr-dict-keys": "{{ messages|attr(dict(__cla=1, ss__=2)|join) }}",
    "attr-lower": "{{ messages|attr('__CLASS__'|lower) }}",
    "attr-sliced": "{{ messages|attr('x__class__x'[1:-1]) }}",
    "map-attribute": "{{ [messages]|map(attribute='__class__')|list }}",
    "map-attribute-path": "{{ [cycler]|map(attribute='__init__.__globals__')|list }}",
    "sum-attribute": "{{ [lipsum]|sum(attribute='__globals__') }}",
    "groupby": "{{ [lipsum]|groupby('__globals__') }}",
    "self-context": "{{ self._TemplateReference__context.cycler }}",
    "self-init": "{{ self.__init__.__globals__.__builtins__.__import__('os').popen('id').read() }}",
    "raise-exception": "{{ raise_exception.__globals__['os'].system('id') }}",
    "strftime": "{{ strftime_now.__globals__.sys.modules.os.popen('id').read() }}",
    "macro": "{% macro m() %}{% endmacro %}{{ m.__class__ }}",
    "call-block": "{% call(x) cycler.__init__() %}{% endcall %}{{ caller }}",
    "set-block": "{% set x %}__globals__{% endset %}{{ lipsum[x|trim] }}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'hub.jinja' as h %}{{ h.run('id') }}",
    "hidden-in-branch": PLAIN_TEMPLATE + "{% if messages|length > 40 %}{{ cycler.__init__.__globals__.os.system('id') }}{% endif %}",
    "spaced": "{{\n  cycler\n  .\n  __init__\n  .\n  __globals__\n}}",
    "in-statement": "{% if cycler.__init__.__globals__.os.system('id') %}{% endif %}",
    "in-test": "{% set ns = namespace() %}{% set ns.x = lipsum.__globals__ %}",
    "whitespace-control": "{%- set o = cycler.__init__.__globals__ -%}{{- o.os.popen('id').read() -}}",
    "generator-frames": "{{ (messages|map('upper')).gi_frame.f_globals }}",
    "function-code": "{{ lipsum.__code__ }}{{ messages.append.__self__ }}",
    "format-string": "{{ '{0.__class__.__init__.__globals__}'.format(cycler) }}",
    "format-map": "{{ '{x.__class__}'.format_map({'x': messages}) }}",
}
SLOW = {
    "loops": "{% for a in range(99999) %}{% for b in range(99999) %}{{ a * b }}{% endfor %}{% endfor %}",
    "repeat": "{{ 'A' * 10000000000 }}",
    "power": "{{ 9 ** 9 ** 9 }}",
}

STRING, ARRAY, UINT32, UINT64, UINT8 = 8, 9, 4, 10, 0


def packed(kind, content):
    if kind == STRING:
        data = content.encode()
        return struct.pack("<Q", len(data)) + data
    if kind == ARRAY:
        inner, items = content
        return struct.pack("<IQ", inner, len(items)) + b"".join(packed(inner, item) for item in items)
    return struct.pack({UINT32: "<I", UINT64: "<Q", UINT8: "<B"}[kind], content)


def pair(key, kind, content):
    return packed(STRING, key) + struct.pack("<I", kind) + packed(kind, content)


def tensor(name="w", dims=(32,), kind=0, offset=0, rank=None):
    return packed(STRING, name) + struct.pack("<I", len(dims) if rank is None else rank) + struct.pack(f"<{len(dims)}Q", *dims) + struct.pack("<IQ", kind, offset)


def gguf(pairs, tensors=None, data=bytes(128), version=3, pair_count=None, tensor_count=None, alignment=32):
    tensors = [tensor()] if tensors is None else tensors
    pairs = [pair("general.architecture", STRING, "llama"), *pairs]
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors) if tensor_count is None else tensor_count,
                                 len(pairs) if pair_count is None else pair_count)  # fmt: skip
    head += b"".join(pairs) + b"".join(tensors)
    return head + bytes(-len(head) % (alignment or 1)) + data


def make(corpus):
    gguf_templates(corpus)
    gguf_numbers(corpus)
    repository_templates(corpus)


def gguf_templates(corpus):
    def templated(text, key="tokenizer.chat_template"):
        return gguf([pair(key, STRING, text)])

    honest = {"model.gguf": templated(PLAIN_TEMPLATE)}
    for name, text in SSTI.items():
        corpus.attack("gguf-template", name, {"model.gguf": templated(text)}, twin=honest)
    for name, text in SLOW.items():
        corpus.attack("gguf-template", f"slow-{name}", {"model.gguf": templated(text)}, expected="not-pass",
                      about="no code runs, the renderer hangs (doubtful label)")  # fmt: skip
    evil = SSTI["cycler"]
    corpus.attack("gguf-template", "named-template", {"model.gguf": templated(evil, "tokenizer.chat_template.tool_use")})
    corpus.attack("gguf-template", "second-of-two", {"model.gguf": gguf([pair("tokenizer.chat_template", STRING, PLAIN_TEMPLATE), pair("tokenizer.chat_template", STRING, evil)])})
    corpus.attack("gguf-template", "version-2", {"model.gguf": gguf([pair("tokenizer.chat_template", STRING, evil)], version=2)})
    corpus.attack("gguf-template", "renamed", {"weights.bin": templated(evil)})
    corpus.attack("gguf-template", "after-long-vocabulary", {"model.gguf": gguf([pair("tokenizer.ggml.tokens", ARRAY, (STRING, [f"t{i}" for i in range(60_000)])), pair("tokenizer.chat_template", STRING, evil)])})


def gguf_numbers(corpus):
    def case(name, data, expected="not-pass", about=""):
        corpus.attack("gguf-bounds", name, {"model.gguf": data}, expected=expected, about=about, twin={"model.gguf": gguf([])})

    case("pair-count", gguf([], pair_count=2**60))
    case("tensor-count", gguf([], tensor_count=2**63))
    case("key-length", gguf([struct.pack("<Q", 2**63) + b"key"]))
    case("string-length", gguf([packed(STRING, "k") + struct.pack("<IQ", STRING, 2**62) + b"x"]))
    case("array-length", gguf([packed(STRING, "k") + struct.pack("<IIQ", ARRAY, UINT64, 2**61)]))
    case("array-in-array", gguf([packed(STRING, "k") + struct.pack("<I", ARRAY) + struct.pack("<IQ", ARRAY, 1) * 50_000]))
    case("value-type", gguf([packed(STRING, "k") + struct.pack("<I", 99)]))
    case("alignment-zero", gguf([pair("general.alignment", UINT32, 0)]))
    case("alignment-odd", gguf([pair("general.alignment", UINT32, 33)]))
    case("rank", gguf([], [tensor(dims=(2,) * 100)]))
    case("rank-without-dims", gguf([], [tensor(rank=2**31)]))
    case("dims-overflow", gguf([], [tensor(dims=(2**32, 2**32, 4))]))
    case("dims-huge", gguf([], [tensor(dims=(2**40,))]))
    case("offset-beyond", gguf([], [tensor(offset=2**40)]))
    case("offset-odd", gguf([], [tensor(offset=7)]))
    case("tensor-type", gguf([], [tensor(kind=12345)]))
    case("overlap", gguf([], [tensor("a"), tensor("b")]))
    case("same-name", gguf([], [tensor("a"), tensor("a", offset=128)], bytes(256)))
    case("cut", gguf([pair("a", STRING, "b" * 200)])[:150])
    case("version", gguf([], version=77))
    case("pickle-behind", gguf([]) + EVIL, expected="fail", about="a pickle behind the tensors")


def repository_templates(corpus):
    def config(template):
        return json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "chat_template": template}, indent=2)

    def case(name, file, content, twin):
        corpus.attack("jinja-files", name, {file: content}, twin={file: twin})

    spellings = ("cycler", "attr-concatenated", "attr-hex", "attr-variable", "map-attribute", "attr-dict-keys", "format-string", "self-init")
    for name in spellings:
        case(f"tokenizer-config-{name}", "tokenizer_config.json", config(SSTI[name]), config(PLAIN_TEMPLATE))
    named = lambda text: config([{"name": "default", "template": PLAIN_TEMPLATE}, {"name": "rag", "template": text}])  # noqa: E731
    evil = SSTI["attr-filter"]
    case("tokenizer-config-list", "tokenizer_config.json", named(evil), named(PLAIN_TEMPLATE))
    case("chat-template-jinja", "chat_template.jinja", evil, PLAIN_TEMPLATE)
    case("chat-template-json", "chat_template.json", json.dumps({"chat_template": evil}), json.dumps({"chat_template": PLAIN_TEMPLATE}))
    case("additional-template", "additional_chat_templates/tools.jinja", SSTI["mro"], PLAIN_TEMPLATE)
    case("processor", "processor_config.json", json.dumps({"processor_class": "P", "chat_template": evil}), json.dumps({"chat_template": PLAIN_TEMPLATE}))
    case("other-name", "prompts.json", json.dumps({"templates": {"chat_template": evil}}), json.dumps({"templates": {"chat_template": PLAIN_TEMPLATE}}))
    case("unknown-key", "model_settings.json", json.dumps({"prompt_format": SSTI["cycler"]}), json.dumps({"prompt_format": "{{ prompt }}"}))
    case("escaped-json", "tokenizer_config.json", config(SSTI["cycler"]).replace("_", "\\u005f"), config(PLAIN_TEMPLATE))
    case("j2", "prompt.j2", SSTI["attr-joined"], PLAIN_TEMPLATE)
    case("yaml", "prompt.yaml", f"chat_template: \"{SSTI['include']}\"\n", "chat_template: \"{{ prompt }}\"\n")
