console.log('assembly: nothing to compile yet');
