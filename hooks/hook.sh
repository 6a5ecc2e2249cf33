#!/bin/sh
# guard hook, made by `guard install`; `guard uninstall` takes it out and puts back what was here.
hook=@HOOK@
missing=@MISSING@

# What was here before runs first. Where git tells the hook something on standard input, both get to read it.
before="${0%/*}/$hook.guard-before"
input=
case $hook in
pre-push | pre-receive) [ -x "$before" ] && input=$(cat && echo .) ;;
esac
give() {
  if [ -n "$input" ]; then printf %s "${input%.}" 2>/dev/null | "$@"; else "$@"; fi
}
if [ -x "$before" ]; then give "$before" "$@" || exit; fi

# Programs with windows start git with a bare PATH, so the place where guard was installed comes first.
# The question keeps other programs of the name `guard` out.
is_guard() {
  [ -x "$1" ] && "$1" --is-guard >/dev/null 2>&1 && guard=$1
}
is_guard @GUARD@ ||
  is_guard "$(command -v guard 2>/dev/null)" ||
  is_guard "${HOME-}/.cargo/bin/guard" ||
  is_guard "${HOME-}/.local/bin/guard" ||
  is_guard /opt/homebrew/bin/guard ||
  is_guard /usr/local/bin/guard ||
  guard=

if [ -n "$guard" ]; then
  [ -n "$input" ] || exec "$guard" hook $hook "$@"
  give "$guard" hook $hook "$@"
  exit
fi
[ $hook = post-commit ] && exit 0
echo "guard: not found, so nothing was checked: install it again (guard install), or skip once with GUARD_SKIP=1" >&2
[ $missing = warn ] || [ "${GUARD_SKIP-}" = 1 ]
