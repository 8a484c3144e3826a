/* effects: what modelled calls and modelled constructors have in common. */
#ifndef PROGRAM_EFFECTS_H
#define PROGRAM_EFFECTS_H

#include "program/evaluate/frame.h"

/* ---- constructors.c ---- */
/* A fresh object of a modelled class, made by the present instruction. */
object_id effect_fresh(struct frame *f, object_id external);
/* What a call of `model` makes of a class: a fresh object, or the one that goes by the name that the call gives. */
object_id effect_made(struct frame *f, object_id external, const struct model *model, const struct call *call);
/* The argument that a model names; NULL where it names none or it is not given. */
const struct val *effect_arg(const struct frame *f, const struct call *call, int position, const char *keyword);
/* Whether a value is a constant with this text; false for NULL. */
bool effect_is_constant(const struct frame *f, const struct val *v, const char *text);
/* Applies a modelled constructor to an object: a fresh one, or an instance of a program class derived from it. */
void effect_construct(struct frame *f, object_id object, const struct model *model, const struct call *call);

#endif
