def extract(turns, *, agent=False, recalled=()): return []
def slot_of(text): return None
def same_statement(a,b): return a==b
