# The public declarations of pictory.hpp, a line for each that begins one: what a change of the API changes.
/^namespace detail \{/ { is_detail = 1 }
/^\} \/\/ namespace detail/ { is_detail = 0; next }
/^(template <.*> )?(class|struct) / {
    # Bases whose members are those of public types.
    is_shown = !is_detail || /class (Accessors|CallOptions)/
    is_public = /struct /
}
/^  public:/ { is_public = 1; next }
/^  (private|protected):/ { is_public = 0; next }
/^(class|struct|enum class|using|inline|template|\[\[nodiscard\]\])/ && (!is_detail || is_shown) && !/;.*detail::Watch/ {
    is_enum = /^enum class/
    if (!is_detail || /class (Accessors|CallOptions)/) print
    next
}
/^\};/ { is_public = 0; is_enum = 0; is_shown = 0 }
is_enum && /^    [a-z_]+ = PICTORY_/ { print; next }
is_public && is_shown && /^    [A-Za-z\[~]/ && /\(/ { sub(/ \{.*$/, ""); print }
