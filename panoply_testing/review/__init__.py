"""The pre-submission review of a source project: what a reviewer would say, said before anybody else has to look.

Facts are gathered first, each in one place; rules are judged from them by functions that touch nothing.
"""
