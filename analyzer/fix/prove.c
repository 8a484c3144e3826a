#include "fix/prove.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/map.h"

struct prover {
    const struct fix_request *request;
    struct frontend *frontend;
    uint8_t *every;    /* enum rule_state, per rule: those that are on by default, too, whatever was selected */
    struct map before; /* fingerprint -> how often, among the findings of `every` that count */
    struct map asked;  /* the same among all findings of the request */
    unsigned left;     /* proofs */
};

/* A fingerprint without the number of the nth equal one. */
static uint64_t key_of(const struct finding *finding)
{
    struct str print = finding->fingerprint;
    size_t colon = str_find(print, STR(":"));
    print = str_slice(print, 0, colon == SIZE_MAX ? print.len : colon);
    return hash_bytes(print.ptr, print.len) >> 1;
}

static void count(const struct findings *findings, enum confidence least, struct map *counts)
{
    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_at(findings, i);
        if (finding->confidence >= least) {
            ++*map_slot(counts, key_of(finding), 0);
        }
    }
}

/* The highest state that a rule has in any folder. */
static uint8_t highest_state(const struct rule_choice *choice, size_t rule)
{
    uint8_t state = choice != NULL ? choice->enabled[rule] : RULE_OFF;
    for (size_t i = 0; choice != NULL && i < choice->folder_count; i++) {
        uint8_t inner = choice->folders[i].enabled[rule];
        state = inner > state ? inner : state;
    }
    return state;
}

struct prover *prover_new(const struct fix_request *request, struct frontend *frontend)
{
    struct prover *p = memory_new(sizeof *p);
    p->request = request;
    p->frontend = frontend;
    p->left = request->proofs;
    p->every = memory_new(rules_count() * sizeof *p->every);
    for (size_t i = 0; i < rules_count(); i++) {
        uint8_t state = highest_state(request->choice, i);
        p->every[i] = state == RULE_OFF && !rules_at(i)->opt_in ? RULE_ON : state;
    }
    struct findings *all = findings_of(request->program, &(struct rule_choice){.enabled = p->every});
    count(all, request->least, &p->before);
    findings_free(all);
    count(request->findings, CONFIDENCE_LOW, &p->asked);
    return p;
}

void prover_free(struct prover *p)
{
    map_release(&p->before);
    map_release(&p->asked);
    free(p->every);
    free(p);
}

bool prover_is_exhausted(const struct prover *p)
{
    return p->left == 0;
}

/* The program with the edits made. */
struct edited {
    struct source_file *sources; /* [file_count]; text.ptr NULL: unchanged */
    struct ir_module **modules;  /* NULL: unchanged */
    struct program *program;
    bool parses;
};

static void edit_file(struct prover *p, struct edited *e, uint32_t file, const edit_list *edits)
{
    const struct fix_file *given = &p->request->files[file];
    struct diagnostics *diagnostics = diagnostics_new();
    struct buf text = {0};
    edits_apply(edits, file, given->source->text, &text);
    if (source_from_bytes(&e->sources[file], given->source->path, buf_str(&text), diagnostics) == SOURCE_OK) {
        e->sources[file].full_path = given->source->full_path;
        e->modules[file] = frontend_lower(p->frontend, &e->sources[file], diagnostics);
        e->parses = e->parses && e->modules[file]->error_count == 0;
    } else {
        e->parses = false;
    }
    buf_release(&text);
    diagnostics_free(diagnostics);
}

static void edited_make(struct prover *p, struct edited *e, const edit_list *edits)
{
    size_t n = p->request->file_count;
    e->sources = memory_new((n + 1) * sizeof *e->sources);
    e->modules = memory_new((n + 1) * sizeof *e->modules);
    e->parses = true;
    for (size_t i = 0; i < edits->len; i++) {
        uint32_t file = edits->data[i].file;
        if (i == 0 || edits->data[i - 1].file != file) {
            edit_file(p, e, file, edits);
        }
    }
    if (!e->parses) {
        return;
    }
    e->program = program_new(p->request->options);
    for (size_t i = 0; i < n; i++) {
        const struct fix_file *given = &p->request->files[i];
        const struct ir_module *module = e->modules[i] ? e->modules[i] : given->module;
        if (module) {
            program_add(e->program, module, e->modules[i] ? &e->sources[i] : given->source);
        }
    }
    program_analyze(e->program);
}

static void edited_release(struct prover *p, struct edited *e)
{
    if (e->program) {
        program_free(e->program);
    }
    for (size_t i = 0; i < p->request->file_count; i++) {
        if (e->modules[i]) {
            arena_free(e->modules[i]->arena);
        }
        if (e->sources[i].text.ptr) {
            source_free(&e->sources[i]);
        }
    }
    free(e->modules);
    free(e->sources);
}

/* Notes the findings that are not there once less than before, or more. */
static void look_for_stayed(const struct prover *p, const struct program *program, const size_t *gone,
                            size_t gone_count, struct proof *proof)
{
    struct map now = {0}, fixed = {0};
    struct findings *asked = findings_of(program, p->request->choice);
    count(asked, CONFIDENCE_LOW, &now);
    for (size_t i = 0; i < gone_count; i++) {
        ++*map_slot(&fixed, key_of(findings_at(p->request->findings, gone[i])), 0);
    }
    for (size_t i = 0; i < gone_count; i++) {
        uint64_t key = key_of(findings_at(p->request->findings, gone[i]));
        uint64_t was = 0, less = 0, is = 0;
        map_get(&p->asked, key, &was);
        map_get(&fixed, key, &less);
        map_get(&now, key, &is);
        if (is + less > was) {
            vec_push(&proof->stayed, gone[i]);
        }
    }
    findings_free(asked);
    map_release(&now);
    map_release(&fixed);
}

static void note_origin(const struct prover *p, const struct edited *e, const edit_list *edits,
                        const struct access *access, struct proof *proof)
{
    for (uint32_t i = 0; access != NULL && i < p->request->file_count; i++) {
        if (access->site.file == &e->sources[i] || access->site.file == p->request->files[i].source) {
            vec_push(&proof->newly, ((struct origin){i, edits_origin(edits, i, access->site.span.start)}));
        }
    }
}

static void note_origins(const struct prover *p, const struct edited *e, const edit_list *edits,
                         const struct finding *finding, struct proof *proof)
{
    for (uint32_t i = 0; i < finding->hazard_count; i++) {
        const struct hazard *hazard = finding->hazards[i];
        note_origin(p, e, edits, hazard->first, proof);
        note_origin(p, e, edits, hazard->last, proof);
        note_origin(p, e, edits, hazard->partner, proof);
        note_origin(p, e, edits, hazard->partner_first, proof);
    }
}

/* Notes the findings that were not there before; returns how many there are. */
static size_t look_for_new(const struct prover *p, const struct edited *e, const edit_list *edits, struct proof *proof)
{
    struct map now = {0};
    struct findings *all = findings_of(e->program, &(struct rule_choice){.enabled = p->every});
    size_t found = 0;
    count(all, p->request->least, &now);
    for (size_t i = 0; i < findings_count(all); i++) {
        const struct finding *finding = findings_at(all, i);
        uint64_t is = 0, was = 0;
        map_get(&now, key_of(finding), &is);
        map_get(&p->before, key_of(finding), &was);
        if (finding->confidence >= p->request->least && is > was) {
            found++;
            note_origins(p, e, edits, finding, proof);
            bool deadlocks = finding->hazard_count > 0 && finding->hazards[0]->kind == HAZARD_SELF_DEADLOCK;
            proof->deadlocks = proof->deadlocks || deadlocks;
        }
    }
    findings_free(all);
    map_release(&now);
    return found;
}

void proof_release(struct proof *proof)
{
    vec_release(&proof->stayed);
    vec_release(&proof->newly);
}

void prove(struct prover *p, const edit_list *edits, const size_t *gone, size_t gone_count, struct proof *proof)
{
    struct edited e = {0};
    if (p->left == 0) {
        return;
    }
    p->left--;
    edited_make(p, &e, edits);
    if (e.program) {
        look_for_stayed(p, e.program, gone, gone_count, proof);
        proof->holds = look_for_new(p, &e, edits, proof) == 0 && proof->stayed.len == 0;
    }
    edited_release(p, &e);
}
