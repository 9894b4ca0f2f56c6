"""The read side of the Hugging Face Hub protocol, for its clients as they are: docs/pulling.md.

`doors` says what every address has in common, `repositories` which version a revision means,
`trees` what is in it, `descriptions` what is said of a model, `lists` which models there are.
"""
