"""`memfast eval`: does a search find the turns that answer a question?"""
