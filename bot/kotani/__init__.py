"""The Kotani Pay API v3 as the assistant knows it.

`requests` and `results` are what goes in and comes out; `wire` turns one into bytes and the other back, without any
network; `client` sends; `signatures` and `callbacks` read what the provider sends to us; `errors` says what went
wrong. The facts come from the provider's documentation, whose page is named where a rule is taken from it.
"""
