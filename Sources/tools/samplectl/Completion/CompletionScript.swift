package import Settings
import System

/// What a shell reads to complete the words after `samplectl`. It asks the program that is typed, so that a script of
/// another version does no harm.
package enum CompletionScript: String, CaseIterable, Sendable {
    case bash, zsh

    static let names = allCases.map(\.rawValue).joined(separator: "|")

    package static func named(_ shell: String) throws(UsageError) -> CompletionScript {
        guard let script = CompletionScript(rawValue: shell) else {
            throw UsageError("there is no completion for '\(shell)'; there is one for bash and one for zsh")
        }
        return script
    }

    package var text: String {
        switch self {
        case .bash: CompletionScript.forBash
        case .zsh: CompletionScript.forZsh
        }
    }

    /// For bash 4.0 or later. Its words are those of the line and not `COMP_WORDS`, which are broken at `=` and `:`.
    private static let forBash = #"""
        # bash completion for samplectl; made by `samplectl completion bash`
        _samplectl() {
            local line=${COMP_LINE:0:COMP_POINT} words word answer
            read -ra words <<<"$line"
            [[ $line == *[[:space:]] ]] && words+=('')
            local program=${words[0]/#\~\//$HOME/} typed=${words[${#words[@]} - 1]}
            answer=$("$program" \#(Completion.verb) "${words[@]:1}" 2>/dev/null) || return 0
            # What is replaced begins after the last '=', if that breaks words.
            local kept=
            [[ $COMP_WORDBREAKS == *=* && $typed == *=* ]] && kept=${typed%"${typed##*=}"}
            COMPREPLY=()
            if [[ $answer == :directories ]]; then
                compopt -o filenames 2>/dev/null
                while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$typed")
                return 0
            fi
            while IFS=$'\t' read -r word _; do
                [[ -n $word ]] && COMPREPLY+=("${word#"$kept"}")
            done <<<"$answer"
            [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
            return 0
        }
        complete -F _samplectl samplectl
        """#

    /// Read by compinit from a folder of `$fpath`, or by `source`.
    private static let forZsh = #"""
        #compdef samplectl
        # zsh completion for samplectl; made by `samplectl completion zsh`
        _samplectl() {
            local program=${~words[1]} line word about
            local -a answer plain open all
            answer=(${(f)"$("$program" \#(Completion.verb) "${(@Q)words[2,CURRENT - 1]}" "${(Q)PREFIX}" 2>/dev/null)"})
            if [[ $answer[1] == :directories ]]; then
                _path_files -/
                return
            fi
            for line in $answer; do
                word=${line%%$'\t'*} about=${line#*$'\t'}
                all+=($word)
                word=${word//:/\\:}${about:+:$about}
                if [[ ${line%%$'\t'*} == *= ]]; then open+=($word); else plain+=($word); fi
            done
            # The only pod that has what is typed in its name.
            if (( $#all == 1 )) && [[ $all[1] != "${(Q)PREFIX}"* ]]; then
                compadd -U -- $all[1]
                return
            fi
            local found=1
            (( $#plain )) && _describe -V -t samplectl samplectl plain && found=0
            (( $#open )) && _describe -V -t samplectl samplectl open -S '' && found=0
            return found
        }
        if [[ $funcstack[1] == _samplectl ]]; then _samplectl "$@"; else compdef _samplectl samplectl; fi
        """#
}
