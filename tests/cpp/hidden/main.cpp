// What a log callback of one shared object throws comes out of a call that another one makes.
#include "part.hpp"

int main() {
    THROWS(Thrown, thrown.number == 1, second::get(first::make()));
    THROWS(Thrown, thrown.number == 1, first::get(second::make()));
    THROWS(Thrown, thrown.number == 1, first::get(first::make()));
    return 0;
}
