# what: answers with a list that contains itself
# expect: output


def solve(numbers):
    answer = [sum(numbers)]
    answer.append({"again": answer})
    return answer
