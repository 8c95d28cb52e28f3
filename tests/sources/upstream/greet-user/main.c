#include <greet.h>

int main(void)
{
    return greet("user of greet") < 0;
}
