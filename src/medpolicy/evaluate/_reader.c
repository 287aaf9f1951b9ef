/* The reader of `reader.py` in C: the same checks, bits and answers, for records of JSON values.

   A record that it does not take goes to the reader in Python, its model, which is called `otherwise` here; one
   of a day on which the revision is not in effect goes `elsewhere`. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <string.h>

enum { REFUSED = 0, READ = 1, FAILED = -1 };
enum { TEXT, LISTED, SET, DAY, NUMBER };
enum { ORDER, SUM, YEARS };
#define MOST_WORDS 64
#define MOST_FIELDS 256
#define MISSING 0

/* The clause bits of the classes of a variable: `rows` has `words` numbers for each class code. A value of an ordered
   domain has the code of the last class whose first value it reaches. */
typedef struct {
    uint64_t *rows;
    int64_t *firsts;
    Py_ssize_t codes, ranges;
} Classes;

typedef struct {
    PyObject *name;
    int form;
    int takes_null;
    Py_ssize_t absent;  /* the class code where it is not given, negative where it has to be */
    PyObject *type;     /* LISTED: the type of its values */
    PyObject *table;    /* LISTED: the class code of each value; SET: the bit of each option */
    PyObject *sets;     /* SET: the class code of each combination of bits, as 32-bit numbers */
    int64_t lowest, highest;
    Classes classes;
} Field;

/* Two fields that have to be in order, or a variable that is derived from them. */
typedef struct {
    int form;
    Py_ssize_t first, second;
    Classes classes;
} Pair;

typedef struct {
    PyObject_HEAD
    Field *fields;
    Pair *pairs;
    Py_ssize_t field_count, pair_count, words, service_day;
    int64_t in_effect_from, in_effect_to;
    uint64_t applies[MOST_WORDS];
    PyObject *relevant, *verdicts, *determination, *facts, *otherwise, *elsewhere, *verdict_name, *facts_name;
} Reader;

/* A copy of the 64-bit numbers in a bytes object. */
static void *numbers(PyObject *bytes, Py_ssize_t *count)
{
    char *held;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(bytes, &held, &size) < 0) return NULL;
    void *copy = PyMem_Malloc(size ? size : 1);
    if (copy == NULL) return PyErr_NoMemory();
    *count = size / 8;
    return memcpy(copy, held, size);
}

static int set_classes(Classes *classes, PyObject *rows, PyObject *firsts, Py_ssize_t words)
{
    classes->rows = numbers(rows, &classes->codes);
    classes->firsts = numbers(firsts, &classes->ranges);
    if (classes->rows == NULL || classes->firsts == NULL) return FAILED;
    classes->codes /= words;
    return READ;
}

static void add_bits(uint64_t *bits, const Classes *classes, Py_ssize_t code, Py_ssize_t words)
{
    if (code < classes->codes)
        for (Py_ssize_t word = 0; word < words; word++)
            bits[word] |= classes->rows[code * words + word];
}

static Py_ssize_t class_of(const Classes *classes, int64_t value)
{
    Py_ssize_t low = 0, high = classes->ranges;
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        if (classes->firsts[middle] <= value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Text with half a character. */
static int unreadable(void)
{
    PyErr_Clear();
    return REFUSED;
}

/* A day written YYYY-MM-DD as one number in the order of the calendar: 9 bits for month and day. */
static int read_day(PyObject *value, int64_t *day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const int64_t places[] = {1000, 100, 10, 1, 0, 10, 1, 0, 10, 1};
    Py_ssize_t size;
    if (Py_TYPE(value) != &PyUnicode_Type || PyUnicode_GetLength(value) != 10) return REFUSED;
    const char *text = PyUnicode_AsUTF8AndSize(value, &size);
    if (text == NULL) return unreadable();
    if (size != 10 || text[4] != '-' || text[7] != '-') return REFUSED;
    int64_t part[3] = {0, 0, 0};
    for (int place = 0; place < 10; place++) {
        if (place == 4 || place == 7) continue;
        if (text[place] < '0' || text[place] > '9') return REFUSED;
        part[place > 7 ? 2 : place > 4] += places[place] * (text[place] - '0');
    }
    int64_t year = part[0], month = part[1];
    if (year < 1 || month < 1 || month > 12) return REFUSED;
    int leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (part[2] < 1 || part[2] > lengths[month - 1] + leap) return REFUSED;
    *day = (year << 9) + (month << 5) + part[2];
    return READ;
}

/* A set given as a list of options: the class code of its combination; the copy of the record gets a tuple. */
static int read_set(const Field *field, PyObject *value, PyObject *given, Py_ssize_t *code)
{
    if (Py_TYPE(value) != &PyList_Type) return REFUSED;
    PyObject *options = PyList_AsTuple(value);
    if (options == NULL || PyDict_SetItem(given, field->name, options) < 0) {
        Py_XDECREF(options);
        return FAILED;
    }
    Py_DECREF(options); /* the copy holds it */
    unsigned long combination = 0;
    for (Py_ssize_t index = 0; index < PyTuple_Size(options); index++) {
        PyObject *option = PyTuple_GetItem(options, index);
        if (Py_TYPE(option) != &PyUnicode_Type) return REFUSED;
        PyObject *bit = PyDict_GetItemWithError(field->table, option);
        if (bit == NULL) return PyErr_Occurred() ? FAILED : REFUSED;
        combination |= PyLong_AsUnsignedLong(bit);
    }
    uint32_t found = MISSING;
    if (PyBytes_Size(field->sets))
        memcpy(&found, PyBytes_AsString(field->sets) + 4 * combination, 4);
    *code = found;
    return READ;
}

/* A value that is given: its class code, and the number that it is, for derived variables. */
static int read_value(const Field *field, PyObject *value, PyObject *given, Py_ssize_t *code, int64_t *number)
{
    int overflow;
    *code = MISSING;
    switch (field->form) {
    case TEXT:
        if (Py_TYPE(value) != &PyUnicode_Type || PyUnicode_GetLength(value) == 0) return REFUSED;
        return PyUnicode_AsUTF8AndSize(value, NULL) ? READ : unreadable();
    case LISTED:
        if ((PyObject *)Py_TYPE(value) != field->type) return REFUSED;
        PyObject *found = PyDict_GetItemWithError(field->table, value);
        if (found == NULL) return PyErr_Occurred() ? FAILED : REFUSED;
        *code = PyLong_AsSsize_t(found);
        return READ;
    case SET:
        return read_set(field, value, given, code);
    case DAY:
        if (!read_day(value, number)) return REFUSED;
        break;
    default:
        if (Py_TYPE(value) != &PyLong_Type) return REFUSED;
        *number = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (overflow) return REFUSED;
    }
    if (*number < field->lowest || *number > field->highest) return REFUSED;
    *code = class_of(&field->classes, *number);
    return READ;
}

/* The clause bits of `given`, a copy of a record, which gets a tuple in place of each list. */
static int read_bits(const Reader *self, PyObject *given, uint64_t *bits, int64_t *number, char *known)
{
    Py_ssize_t keys = 0, position = 0;
    PyObject *key;
    while (PyDict_Next(given, &position, &key, NULL))
        if (Py_TYPE(key) != &PyUnicode_Type) return REFUSED;
    for (Py_ssize_t index = 0; index < self->field_count; index++) {
        const Field *field = &self->fields[index];
        Py_ssize_t code = field->absent;
        PyObject *value = PyDict_GetItemWithError(given, field->name);
        if (value == NULL && PyErr_Occurred()) return FAILED;
        keys += value != NULL;
        known[index] = value != NULL && value != Py_None;
        if (known[index]) {
            Py_INCREF(value);
            int read = read_value(field, value, given, &code, &number[index]);
            Py_DECREF(value);
            if (read != READ) return read;
        }
        else if (value == NULL ? code < 0 : !field->takes_null)
            return REFUSED;
        add_bits(bits, &field->classes, code, self->words);
    }
    if (keys != PyDict_Size(given)) return REFUSED;
    for (Py_ssize_t index = 0; index < self->pair_count; index++) {
        const Pair *pair = &self->pairs[index];
        if (!known[pair->first] || !known[pair->second]) continue;
        int64_t first = number[pair->first], second = number[pair->second], value = first + second;
        if (pair->form == ORDER && first > second) return REFUSED;
        if (pair->form == YEARS)
            value = (second >> 9) - (first >> 9) - ((second & 511) < (first & 511));
        add_bits(bits, &pair->classes, class_of(&pair->classes, value), self->words);
    }
    return READ;
}

/* The value of a mapping for some bits, of which the mapping may make it. */
static PyObject *of_bits(PyObject *mapping, const uint64_t *bits, Py_ssize_t words)
{
    PyObject *key = PyBytes_FromStringAndSize((const char *)bits, 8 * words);
    if (key == NULL) return NULL;
    PyObject *found = PyObject_GetItem(mapping, key);
    Py_DECREF(key);
    return found;
}

static PyObject *verdict_of(const Reader *self, uint64_t *bits)
{
    uint64_t applies[MOST_WORDS];
    for (Py_ssize_t word = 0; word < self->words; word++)
        applies[word] = bits[word] & self->applies[word];
    PyObject *relevant = of_bits(self->relevant, applies, self->words);
    if (relevant == NULL) return NULL;
    uint64_t mask;
    for (Py_ssize_t word = 0; word < self->words; word++) {
        memcpy(&mask, PyBytes_AsString(relevant) + 8 * word, 8);
        bits[word] &= mask;
    }
    Py_DECREF(relevant);
    return of_bits(self->verdicts, bits, self->words);
}

/* A determination, made as `Determination(verdict, (facts, given))` makes it, without the call. */
static PyObject *decided(const Reader *self, PyObject *given, uint64_t *bits)
{
    PyTypeObject *type = (PyTypeObject *)self->determination;
    PyObject *facts = PyTuple_Pack(2, self->facts, given), *verdict = verdict_of(self, bits);
    PyObject *answer = facts && verdict ? ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0) : NULL;
    if (answer && (PyObject_SetAttr(answer, self->verdict_name, verdict) || PyObject_SetAttr(answer, self->facts_name, facts)))
        Py_CLEAR(answer);
    Py_XDECREF(facts), Py_XDECREF(verdict);
    return answer;
}

static PyObject *reader_read(Reader *self, PyObject *record)
{
    int64_t number[MOST_FIELDS];
    char known[MOST_FIELDS];
    uint64_t bits[MOST_WORDS] = {0};
    if (Py_TYPE(record) != &PyDict_Type || self->relevant == NULL) Py_RETURN_NONE;
    PyObject *given = PyDict_Copy(record), *answer = NULL;
    if (given == NULL) return NULL;
    int read = read_bits(self, given, bits, number, known);
    int64_t day = read == READ ? number[self->service_day] : 0;
    if (read == REFUSED)
        answer = PyObject_CallFunctionObjArgs(self->otherwise, record, NULL);
    else if (read == READ && self->in_effect_from <= day && day <= self->in_effect_to)
        answer = decided(self, given, bits);
    else if (read == READ)
        answer = PyObject_CallFunctionObjArgs(self->elsewhere, record, NULL);
    Py_DECREF(given);
    return answer;
}

static int set_field(Field *field, PyObject *given, Py_ssize_t words)
{
    PyObject *rows, *firsts;
    long long lowest, highest;
    if (!PyArg_ParseTuple(given, "UipnOOSLLSS", &field->name, &field->form, &field->takes_null, &field->absent,
                          &field->type, &field->table, &field->sets, &lowest, &highest, &rows, &firsts)) {
        field->name = field->type = field->table = field->sets = NULL;
        return FAILED;
    }
    Py_INCREF(field->name), Py_INCREF(field->type), Py_INCREF(field->table), Py_INCREF(field->sets);
    field->lowest = lowest, field->highest = highest;
    return set_classes(&field->classes, rows, firsts, words);
}

static int set_parts(Reader *self, PyObject *fields, PyObject *pairs)
{
    PyObject *rows, *firsts;
    self->fields = PyMem_Calloc(PyTuple_Size(fields) + 1, sizeof(Field));
    self->pairs = PyMem_Calloc(PyTuple_Size(pairs) + 1, sizeof(Pair));
    if (self->fields == NULL || self->pairs == NULL) {
        PyErr_NoMemory();
        return FAILED;
    }
    for (; self->field_count < PyTuple_Size(fields); self->field_count++)
        if (set_field(&self->fields[self->field_count], PyTuple_GetItem(fields, self->field_count), self->words) < 0)
            return FAILED;
    for (; self->pair_count < PyTuple_Size(pairs); self->pair_count++) {
        Pair *pair = &self->pairs[self->pair_count];
        if (!PyArg_ParseTuple(PyTuple_GetItem(pairs, self->pair_count), "innSS", &pair->form, &pair->first,
                              &pair->second, &rows, &firsts)
            || set_classes(&pair->classes, rows, firsts, self->words) < 0)
            return FAILED;
    }
    return READ;
}

static PyObject *reader_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)keywords;
    PyObject *fields, *pairs, *relevant, *verdicts, *determination, *facts, *otherwise, *elsewhere;
    Py_ssize_t words, service_day, size;
    long long from, to;
    const char *applies;
    if (!PyArg_ParseTuple(arguments, "O!O!nnLLy#OOOOOO", &PyTuple_Type, &fields, &PyTuple_Type, &pairs, &words,
                          &service_day, &from, &to, &applies, &size, &relevant, &verdicts, &determination, &facts,
                          &otherwise, &elsewhere))
        return NULL;
    if (words < 1 || words > MOST_WORDS || size != 8 * words || PyTuple_Size(fields) > MOST_FIELDS) {
        PyErr_SetString(PyExc_ValueError, "too many clauses or variables");
        return NULL;
    }
    Reader *self = (Reader *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (self == NULL) return NULL;
    self->words = words, self->service_day = service_day, self->in_effect_from = from, self->in_effect_to = to;
    memcpy(self->applies, applies, size);
    self->relevant = Py_NewRef(relevant), self->verdicts = Py_NewRef(verdicts), self->facts = Py_NewRef(facts);
    self->determination = Py_NewRef(determination), self->otherwise = Py_NewRef(otherwise), self->elsewhere = Py_NewRef(elsewhere);
    self->verdict_name = PyUnicode_InternFromString("_verdict"), self->facts_name = PyUnicode_InternFromString("_facts");
    if (self->verdict_name == NULL || self->facts_name == NULL || set_parts(self, fields, pairs) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static int reader_traverse(Reader *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    Py_VISIT(self->relevant); Py_VISIT(self->verdicts); Py_VISIT(self->determination);
    Py_VISIT(self->facts); Py_VISIT(self->otherwise); Py_VISIT(self->elsewhere);
    return 0;
}

static int reader_clear(Reader *self)
{
    Py_CLEAR(self->relevant); Py_CLEAR(self->verdicts); Py_CLEAR(self->determination);
    Py_CLEAR(self->facts); Py_CLEAR(self->otherwise); Py_CLEAR(self->elsewhere);
    return 0;
}

static void reader_dealloc(Reader *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    PyObject_GC_UnTrack(self);
    reader_clear(self);
    for (Py_ssize_t index = 0; self->fields && index <= self->field_count; index++) {
        Field *field = &self->fields[index]; /* the one after the last may be half made */
        Py_XDECREF(field->name), Py_XDECREF(field->type), Py_XDECREF(field->table), Py_XDECREF(field->sets);
        PyMem_Free(field->classes.rows), PyMem_Free(field->classes.firsts);
    }
    for (Py_ssize_t index = 0; self->pairs && index <= self->pair_count; index++)
        PyMem_Free(self->pairs[index].classes.rows), PyMem_Free(self->pairs[index].classes.firsts);
    PyMem_Free(self->fields), PyMem_Free(self->pairs);
    Py_XDECREF(self->verdict_name), Py_XDECREF(self->facts_name);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyMethodDef reader_methods[] = {
    {"read", (PyCFunction)reader_read, METH_O, "The determination on a record, or None."}, {NULL, NULL, 0, NULL}};

static PyType_Slot reader_slots[] = {
    {Py_tp_new, reader_new},           {Py_tp_dealloc, reader_dealloc},  {Py_tp_traverse, reader_traverse},
    {Py_tp_clear, reader_clear},       {Py_tp_methods, reader_methods},  {0, NULL}};

static PyType_Spec reader_spec = {"medpolicy.evaluate._reader.Reader", sizeof(Reader), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, reader_slots};

static int execute(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&reader_spec);
    int added = type == NULL ? -1 : PyModule_AddObjectRef(module, "Reader", type);
    Py_XDECREF(type);
    return added;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, execute}, {0, NULL}};

static PyModuleDef module = {PyModuleDef_HEAD_INIT, "_reader", NULL, 0, NULL, module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__reader(void)
{
    return PyModuleDef_Init(&module);
}
