/* cli/scripts.c: the completion scripts. They hold no commands and no flags: they ask `PROGRAM COMPLETE WORDS...` at each TAB. */
#include "base/cleanup.h"
#include "cli/cmd.h"

/* PROGRAM and COMPLETE stand for the program's name and __complete or __completeNoDesc. */
static const char *const bash_script[] = {
	"# bash completion for PROGRAM: asks the program itself, which answers within a second whatever its host does.",
	"",
	"# The words up to the cursor, put together again where bash cut them at = and :.",
	"__PROGRAM_words()",
	"{",
	"    local line=${COMP_LINE:0:COMP_POINT} i word blanks",
	"    words=()",
	"    for ((i = 0; i <= COMP_CWORD; i++)); do",
	"        blanks=${line%%[![:space:]]*}",
	"        line=${line#\"$blanks\"}",
	"        word=${COMP_WORDS[i]}",
	"        ((i == COMP_CWORD)) && word=$line",
	"        if [[ -n $blanks ]] || ((${#words[@]} == 0)); then",
	"            words+=(\"$word\")",
	"        else",
	"            words[${#words[@]} - 1]+=$word",
	"        fi",
	"        line=${line#\"$word\"}",
	"    done",
	"}",
	"",
	"# Names in a column, descriptions behind them as far as the line goes.",
	"__PROGRAM_describe()",
	"{",
	"    local width=0 i name text room tab=$'\\t'",
	"    for name in \"${COMPREPLY[@]}\"; do",
	"        name=${name%%\"$tab\"*}",
	"        ((${#name} > width)) && width=${#name}",
	"    done",
	"    for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do",
	"        [[ ${COMPREPLY[i]} == *\"$tab\"* ]] || continue",
	"        name=${COMPREPLY[i]%%\"$tab\"*}",
	"        text=${COMPREPLY[i]#*\"$tab\"}",
	"        room=$((${COLUMNS:-80} - width - 4))",
	"        ((room > 8)) || text=",
	"        ((${#text} > room)) && text=${text:0:room - 1}…",
	"        printf -v name '%-*s' \"$width\" \"$name\"",
	"        COMPREPLY[i]=\"$name${text:+  ($text)}\"",
	"    done",
	"}",
	"",
	"__PROGRAM_complete()",
	"{",
	"    local words program out directive line current seen i tab=$'\\t'",
	"    COMPREPLY=()",
	"    __PROGRAM_words",
	"    program=${words[0]/#\\~/$HOME}",
	"    type -P -- \"$program\" >/dev/null || program=PROGRAM",
	"    out=$(\"$program\" COMPLETE \"${words[@]:1}\" 2>/dev/null </dev/null) || return",
	"    directive=${out##*:}",
	"    out=${out%:*}",
	"",
	"    current=${words[${#words[@]} - 1]}",
	"    [[ $current == -*=* ]] && current=${current#*=}",
	"    if ((directive & 16)); then",
	"        type -t compopt >/dev/null && compopt -o filenames",
	"        while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(compgen -d -- \"$current\")",
	"        return",
	"    fi",
	"    while IFS= read -r line; do",
	"        [[ -n $line && ${line%%\"$tab\"*} == \"$current\"* ]] && COMPREPLY+=(\"$line\")",
	"    done <<<\"$out\"",
	"    if type -t compopt >/dev/null; then",
	"        ((directive & 2)) && compopt -o nospace",
	"        ((directive & 4)) && compopt +o default",
	"    fi",
	"",
	"    # bash replaces only what stands behind the last = or :.",
	"    seen=",
	"    [[ $COMP_WORDBREAKS == *:* && $current == *:* ]] && seen=${current%\"${current##*:}\"}",
	"    [[ $COMP_WORDBREAKS == *=* && $current == *=* && ${current%\"${current##*=}\"} == \"$seen\"* ]] && seen=${current%\"${current##*=}\"}",
	"    for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do",
	"        COMPREPLY[i]=${COMPREPLY[i]#\"$seen\"}",
	"    done",
	"    if ((${#COMPREPLY[@]} == 1)); then",
	"        COMPREPLY[0]=${COMPREPLY[0]%%\"$tab\"*}",
	"    elif [[ $COMP_TYPE == 37 || $COMP_TYPE == 42 ]]; then",
	"        for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do COMPREPLY[i]=${COMPREPLY[i]%%\"$tab\"*}; done",
	"    else",
	"        __PROGRAM_describe",
	"    fi",
	"}",
	"",
	"complete -o default -F __PROGRAM_complete PROGRAM",
	NULL,
};

static const char *const zsh_script[] = {
	"#compdef PROGRAM",
	"# zsh completion for PROGRAM: asks the program itself, which answers within a second whatever its host does.",
	"",
	"_PROGRAM()",
	"{",
	"    local -a answer candidates suffix",
	"    local directive line name program=${(Q)words[1]}",
	"",
	"    program=${~program}",
	"    (( $+commands[$program] )) || [[ -x $program ]] || program=PROGRAM",
	"    answer=(\"${(@f)$(\"$program\" COMPLETE \"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null </dev/null)}\")",
	"    directive=${${answer[-1]}#:}",
	"    [[ $directive == <-> ]] || return 1",
	"",
	"    # Only the value of --flag=value is completed.",
	"    [[ $PREFIX == -*=* ]] && compset -P 1 '*='",
	"    (( directive & 2 )) && suffix=(-S '')",
	"    (( directive & 16 )) && { _files -/; return; }",
	"",
	"    # _describe wants \"name:description\" with the colons of the name escaped.",
	"    for line in \"${(@)answer[1,-2]}\"; do",
	"        [[ -n $line ]] || continue",
	"        name=${${line%%$'\\t'*}//:/\\\\:}",
	"        [[ $line == *$'\\t'* ]] && name+=\":${line#*$'\\t'}\"",
	"        candidates+=(\"$name\")",
	"    done",
	"    if (( $#candidates )) && _describe PROGRAM candidates $suffix; then",
	"        return 0",
	"    fi",
	"    (( directive & 4 )) && return 1",
	"    _files",
	"}",
	"",
	"if [[ ${funcstack[1]} == _PROGRAM ]]; then",
	"    _PROGRAM",
	"else",
	"    compdef _PROGRAM PROGRAM",
	"fi",
	NULL,
};

static const char *const fish_script[] = {
	"# fish completion for PROGRAM: asks the program itself, which answers within a second whatever its host does.",
	"",
	"function __PROGRAM_candidates",
	"    set -l words (commandline -opc)",
	"    set -l last (commandline -ct)",
	"    set -l program $words[1]",
	"    set -e words[1]",
	"    type -q \"$program\"; or set program PROGRAM",
	"",
	"    set -l answer ($program COMPLETE $words \"$last\" 2>/dev/null </dev/null)",
	"    set -l directive (string match -r -g '^:(\\d+)$' -- \"$answer[-1]\")",
	"    test -n \"$directive\"; or return",
	"    set -e answer[-1]",
	"",
	"    # fish replaces the whole word, --flag= included.",
	"    set -l flag (string match -r -- '^-[^=]*=' \"$last\")",
	"    set -l value (string replace -r -- '^-[^=]*=' '' \"$last\")",
	"    if test (math \"bitand($directive, 16)\") -ne 0",
	"        __fish_complete_directories \"$value\" | string replace -r '^' -- \"$flag\"",
	"    else if test (count $answer) -gt 0",
	"        for line in $answer",
	"            printf '%s%s\\n' \"$flag\" \"$line\"",
	"        end",
	"    else if test (math \"bitand($directive, 4)\") -eq 0",
	"        __fish_complete_path \"$value\" | string replace -r '^' -- \"$flag\"",
	"    end",
	"end",
	"",
	"complete -c PROGRAM -e",
	"complete -c PROGRAM -f -a '(__PROGRAM_candidates)'",
	NULL,
};

static void put_line(struct str line, const char *name, const char *request, FILE *out)
{
	const struct str program = STR("PROGRAM"), complete = STR("COMPLETE");

	while (line.n) {
		size_t n = 1;

		/* COMPLETE is a word of its own, so that bash's variables keep their names. */
		if (str_starts(line, program)) {
			fputs(name, out);
			n = program.n;
		} else if (str_starts(line, STR(" COMPLETE "))) {
			fprintf(out, " %s", request);
			n = 1 + complete.n;
		} else {
			fputc(line.p[0], out);
		}
		line.p += n;
		line.n -= n;
	}
	fputc('\n', out);
}

void completion_script(const struct program *p, enum shell sh, bool describe, FILE *out)
{
	static const char *const *const scripts[] = { [SHELL_BASH] = bash_script, [SHELL_ZSH] = zsh_script, [SHELL_FISH] = fish_script };

	for (const char *const *line = scripts[sh]; *line; line++)
		put_line(str_from(*line), p->name, describe ? "__complete" : "__completeNoDesc", out);
}
