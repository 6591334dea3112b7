#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON schemas that `loadcast schema` prints. That of results accepts what is written. Of scenarios and models: what a schema refuses, the program refuses, and
a key that the program does not know, the schema does not know, in every map of tests/data/keys. docs/keys.md and the
fuzzers' dictionaries say what the schemas say.

  schemas.py LOADCAST           silent and 0 when all of it holds
  schemas.py LOADCAST FILE…     the same when the schemas of what commands write accept these files
  schemas.py LOADCAST --write   writes docs/keys.md and the dictionaries instead"""
import json, os, subprocess, sys, tempfile

try:
    import jsonschema
    import yaml
except ImportError: # Debian's packages are Debian's interpreter's
    if os.path.realpath(sys.executable) == os.path.realpath('/usr/bin/python3'):
        raise
    os.execv('/usr/bin/python3', ['/usr/bin/python3', *sys.argv])

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
program = os.path.abspath(sys.argv[1])
STRANGE = 'zqzqzqzqzq'
MADE = '# Made from the keys of the program: tests/schemas.py LOADCAST --write'
wrong = []


class Loader(yaml.SafeLoader):
    """Scalars as an editor's language server reads them: a date is a text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((':timestamp', ':bool', ':int'))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def run(*arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, errors='replace')


def read(name):
    schema = json.loads(run('schema', name).stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    return schema


class Schemas(dict):
    """By name, asked for when they are needed."""

    def __missing__(self, name):
        self[name] = read(name)
        return self[name]


class Validators(dict):
    def __missing__(self, name):
        self[name] = jsonschema.Draft7Validator(schemas[name])
        return self[name]


schemas, validators = Schemas(), Validators()


def kind_of(document):
    if not isinstance(document, dict):
        return None
    if str(document.get('loadcast')).startswith('model/'):
        return 'model'
    return 'scenario' if 'tasks' not in document and {'traces', 'model', 'workloads'} & set(document) else None


def documents():
    for folder in ('scenarios', 'tests/data'):
        for where, _, names in sorted(os.walk(os.path.join(root, folder))):
            for name in sorted(names):
                path = os.path.join(where, name)
                if name.endswith(('.yaml', '.yml', '.scenario', '.json')) and os.path.getsize(path) < 100000:
                    yield path


def load(path):
    try:
        with open(path, encoding='utf-8') as file:
            document = yaml.load(file, Loader)
        return document, kind_of(document)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
        return None, None


def maps(node):
    if isinstance(node, dict):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from maps(item)


def check_documents():
    accepted = 0
    for path in documents():
        document, kind = load(path)
        if kind is None:
            continue
        error = jsonschema.exceptions.best_match(validators[kind].iter_errors(document))
        if error is None:
            accepted += 1
        elif run('convert', path, '--to', 'yaml').returncode != 3:
            wrong.append('the program accepts %s, the schema does not: %s at %s' % (os.path.relpath(path, root), error.message,
                                                                                 '/'.join(map(str, error.absolute_path))))
    if accepted < 40:
        wrong.append('only %d scenarios and models were found' % accepted)


def check_keys(folder):
    """A strange key in each map of the files that hold every key."""
    count = {True: 0, False: 0}
    file = os.path.join(folder, 'keys.yaml')
    for path in documents():
        document, kind = load(path)
        if os.path.basename(os.path.dirname(path)) != 'keys' or kind is None:
            continue
        for number, place in enumerate(list(maps(document))):
            place[STRANGE] = 1
            refused = not validators[kind].is_valid(document)
            with open(file, 'w', encoding='utf-8') as out:
                json.dump(document, out)
            del place[STRANGE]
            count[refused] += 1
            if not refused and 'has no key \'%s\'' % STRANGE in run('convert', file, '--to', 'yaml').stderr:
                wrong.append('%s: the program refuses a strange key in map %d (%s …), the schema does not' %
                             (os.path.relpath(path, root), number, ', '.join(list(place)[:4])))
    if count[True] < 100 or count[False] < 20: # maps of known keys, maps from names
        wrong.append('only %d maps of known keys and %d others were tried' % (count[True], count[False]))


QUESTIONS = {'model': os.path.join(root, 'scenarios/shop/model.yaml'), 'workloads': [{'name': 'readers', 'entry': 'read', 'rate': '100/s'}],
             'load': {'factors': [1, 2]},
             'what_if': [{'name': 'more', 'change': {'shop.concurrency': 24}}],
             'goals': {'load': '80 %'}, 'capacity': 'mix', 'cost': {'shop': {'core_hour': 1}},
             'growth': {'rate': '10 % / month', 'start': '2026-12-01', 'horizon': '2 months'},
             'simulation': {'replications': 2, 'run_time': '5 s', 'warmup': '1 s', 'max_time': '1 s'}}


# By which name `loadcast schema` knows documents, where it is not `result`.
OTHERS = {'fit': 'fit', 'samples': 'fit', 'advice': 'advise', 'backtest': 'backtest', 'calibration': 'calibrate',
          'measures': 'measure', 'differences': 'measure'}


def of_result(document):
    """The alternative of the schema that the document says it is, alone: asking all of them takes long."""
    name = document.get('schema', document.get('loadcast')).replace('loadcast.', '').split('/')[0]
    if name in OTHERS:
        return validators[OTHERS[name]]
    return jsonschema.Draft7Validator({'$ref': '#/definitions/' + name, 'definitions': schemas['result']['definitions']})


def check_result(text, what):
    """Returns the document, and tells where the schema does not accept it."""
    document = json.loads(text)
    error = jsonschema.exceptions.best_match(of_result(document).iter_errors(document))
    if error is not None:
        wrong.append('the schema does not accept %s: %s at %s' %
                     (what, error.message[:300], '/'.join(map(str, error.absolute_path))))
    return document


def check_results(folder):
    data = os.path.join(root, 'tests/data/lqn/')
    file, sweep = os.path.join(folder, 'questions.yaml'), os.path.join(folder, 'sweep.yaml')
    short = ['-r', '2', '--run-time', '5', '--warmup', '1']
    runs = [['simulate', data + 'web-shop.lqnx', *short], ['simulate', data + 'semaphore.lqnx', *short],
            ['simulate', sweep, *short], ['solve', data + 'web-shop.lqnx'],
            ['simulate', data + 'layers-3.lqnx', '-r', '2', '--transient', '5 s', '--step', '1 s']]
    with open(file, 'w', encoding='utf-8') as out:
        json.dump(QUESTIONS, out)
    with open(sweep, 'w', encoding='utf-8') as out:
        out.write('loadcast: model/1\nvariables: {n: [1, 2]}\nbindings: {u.users: $n}\nprocessors: {p: {}}\n'
                  'tasks: {u: {processor: p, scheduling: ref, entries: {e: {demand: 1}}}}\n')
    written = os.path.join(folder, 'result.json')
    for arguments in [*runs, ['run', file]]:
        said = run(*arguments, '--json', written).stderr
        if not os.path.exists(written):
            wrong.append('%s: %s' % (' '.join(arguments), said))
            return
        with open(written, encoding='utf-8') as text:
            document = check_result(text.read(), ' '.join(arguments[:2]))
        os.remove(written)
    kinds = {tuple(place): place for place in maps(document)} # of the verdict: a map of each kind
    count = 0
    for place in kinds.values():
        place[STRANGE] = {}
        count += not of_result(document).is_valid(document)
        del place[STRANGE]
    if count < 30:
        wrong.append('only %d kinds of maps of a verdict refuse a key that is not written' % count)


# ---- the reference ----------------------------------------------------------------------------------------------------

def value_text(schema):
    """What stands under a key, in words; alternatives are told from left to right."""
    if '$ref' in schema:
        name = schema['$ref'].rsplit('/', 1)[1]
        return '[%s](#%s)' % (name, name)
    for many in ('anyOf', 'allOf'):
        if many in schema:
            return ', or '.join(value_text(part) for part in schema[many])
    if 'const' in schema:
        return '`%s`' % schema['const']
    if 'title' in schema:
        return schema['title']
    if 'enum' in schema:
        return ', '.join('`%s`' % word for word in schema['enum'])
    if schema.get('type') == 'array':
        return 'list of ' + value_text(schema.get('items', {}))
    inner = schema.get('additionalProperties')
    return 'map of ' + value_text(inner) if inner else 'map: below'


def table(properties, prefix=''):
    for key, schema in properties.items():
        yield '| `%s%s` | %s | %s |' % (prefix, key, value_text(schema), schema.get('description', '').replace('|', '\\|'))
        if 'properties' in schema:
            yield from table(schema['properties'], prefix + key + '.')


def reference():
    lines = ['# Every key', '', MADE.replace('# ', '<!-- ') + ' -->', '',
             'What may stand in a [scenario](scenario.md) and in a [model](model-format.md), by the tables that',
             'the program itself reads by. `loadcast schema scenario` and `loadcast schema model` print the same',
             'as JSON schemas, with which an editor completes and explains keys: a file begins with',
             '`# yaml-language-server: $schema=scenario.schema.json`.',
             '',
             'A *count* is a whole number from 1, or `infinite`; a *size* one from 0. In a scenario a *time* and a',
             '*rate* carry their unit (`20 ms`, `12/s`), a *fraction* is `80 %` or 0.8. *moments* and families of',
             'a distribution are in [the model format](model-format.md#numbers).']
    other = {}
    for name, title in (('scenario', 'Scenarios'), ('model', 'Models')):
        schema = schemas[name]
        lines += ['', '## ' + title, '', '| key | value | |', '|---|---|---|', *table(schema['properties'])]
        for part, definition in sorted(schema['definitions'].items()):
            if 'properties' in definition and (part not in other):
                lines += ['', '### ' + part, '', '| key | value | |', '|---|---|---|', *table(definition['properties']),
                          *table({key.split('[')[0][1:] + '…': value for key, value in definition.get('patternProperties', {}).items()})]
        other = schema['definitions']
    return '\n'.join(lines).replace('[distribution](#distribution)', '[distribution](model-format.md#numbers)') + '\n'


def words(node):
    """Keys and words of a schema."""
    if isinstance(node, dict):
        for key in node.get('properties', {}):
            yield key, True
        for word in [node.get('const'), *node.get('enum', [])]:
            if isinstance(word, str):
                yield word, False
        for item in node.values():
            yield from words(item)
    elif isinstance(node, list):
        for item in node:
            yield from words(item)


def dictionary(name, form):
    """What people wrote themselves stands above the line of what is made."""
    with open(os.path.join(root, 'tests/fuzz', name + '.dict'), encoding='utf-8') as file:
        own = file.read().split(MADE)[0].rstrip('\n').split('\n')
    schema = schemas['scenario' if name == 'scenario' else 'model']
    made = sorted({form(word, key) for word, key in words(schema)} - set(own))
    return '\n'.join([*own, MADE, *made]) + '\n'


def made_files():
    yield 'docs/keys.md', reference()
    yield 'tests/fuzz/scenario.dict', dictionary('scenario', lambda word, key: '"%s: "' % word if key else '"%s"' % word)
    yield 'tests/fuzz/yaml.dict', dictionary('yaml', lambda word, key: '"%s: "' % word if key else '"%s"' % word)
    yield 'tests/fuzz/json.dict', dictionary('json', lambda word, key: '"\\"%s\\""' % word)


for path in [] if '--write' in sys.argv else sys.argv[2:]:
    with open(path, encoding='utf-8') as file:
        check_result(file.read(), path)
for name, text in made_files() if sys.argv[2:] in ([], ['--write']) else ():
    path = os.path.join(root, name)
    if '--write' in sys.argv:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
    elif not os.path.exists(path) or open(path, encoding='utf-8').read() != text:
        wrong.append('%s is not what the keys say; tests/schemas.py LOADCAST --write makes it anew' % name)
if len(sys.argv) == 2:
    check_documents()
    with tempfile.TemporaryDirectory() as folder:
        check_keys(folder)
        check_results(folder)
if wrong:
    print('\n'.join(wrong))
sys.exit(bool(wrong))
